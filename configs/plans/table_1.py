# The paper's rows of Table 1: NYUv2; the other methods of that table are not part of it.
_base_ = './paper_runs.py'
tables = [
    dict(
        title='Table 1: NYUv2',
        columns=('', '#', 'Encoder backbone'),
        metrics=('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3'),
        rows=[
            dict(
                run='proposed_51k',
                cells=('Proposed', '51K', 'EfficientNet-B5'),
                paper=dict(rmse=0.362, abs_rel=0.100, log10=0.043, d1=0.907, d2=0.986, d3=0.997),
            ),
            dict(
                run='hrwsi_51k',
                cells=('Proposed†', '71K', 'EfficientNet-B5'),
                paper=dict(rmse=0.355, abs_rel=0.098, log10=0.042, d1=0.913, d2=0.987, d3=0.998),
            ),
        ],
    ),
]
