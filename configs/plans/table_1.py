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
                paper={{_base_.paper.nyu_51k}},
            ),
            dict(
                run='hrwsi_51k',
                cells=('Proposed†', '71K', 'EfficientNet-B5'),
                paper={{_base_.paper.nyu_51k_hrwsi}},
            ),
        ],
    ),
]
