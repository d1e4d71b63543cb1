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
                paper={{_base_.paper.nyu_17k_single_phase_hrwsi}},
            ),
            dict(run='hrwsi_17k', cells=('Proposed',), paper={{_base_.paper.nyu_17k_hrwsi}}),
        ],
    ),
]
