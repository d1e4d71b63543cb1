# The paper's Table 4: phases, on NYUv2 (17K) with HR-WSI.
_base_ = './paper_runs.py'
tables = [
    dict(
        title='Table 4: phases, NYUv2 (17K) and HR-WSI',
        columns=('Setting',),
        metrics=('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau', 'whdr'),
        rows=[
            dict(
                run='single_phase_17k',
                cells=('Single-phase',),
                paper=dict(
                    rmse=0.386,
                    abs_rel=0.107,
                    log10=0.046,
                    d1=0.892,
                    d2=0.984,
                    d3=0.997,
                    tau=0.820,
                    whdr=13.74,
                ),
            ),
            dict(
                run='hrwsi_17k',
                cells=('Proposed',),
                paper=dict(
                    rmse=0.362,
                    abs_rel=0.100,
                    log10=0.043,
                    d1=0.909,
                    d2=0.987,
                    d3=0.997,
                    tau=0.835,
                    whdr=12.72,
                ),
            ),
        ],
    ),
]
