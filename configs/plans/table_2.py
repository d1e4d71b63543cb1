# The paper's Table 2: data sets and their sizes; † has HR-WSI as relative data.
_base_ = './paper_runs.py'
tables = [
    dict(
        title='Table 2: NYUv2',
        columns=('#', 'Setting'),
        metrics=('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau'),
        rows=[
            dict(
                run='baseline_795',
                cells=('795', 'Baseline'),
                paper={{_base_.paper.nyu_795_baseline}},
            ),
            dict(run='baseline_metres_795', cells=('795', 'Baseline, metres')),
            dict(run='proposed_795', cells=('795', 'Proposed'), paper={{_base_.paper.nyu_795}}),
            dict(run='hrwsi_795', cells=('795', 'Proposed†'), paper={{_base_.paper.nyu_795_hrwsi}}),
            dict(
                run='baseline_17k',
                cells=('17K', 'Baseline'),
                paper={{_base_.paper.nyu_17k_baseline}},
            ),
            dict(run='baseline_metres_17k', cells=('17K', 'Baseline, metres')),
            dict(run='proposed_17k', cells=('17K', 'Proposed'), paper={{_base_.paper.nyu_17k}}),
            dict(run='hrwsi_17k', cells=('17K', 'Proposed†'), paper={{_base_.paper.nyu_17k_hrwsi}}),
            dict(
                run='baseline_51k',
                cells=('51K', 'Baseline'),
                paper={{_base_.paper.nyu_51k_baseline}},
            ),
            dict(run='baseline_metres_51k', cells=('51K', 'Baseline, metres')),
            dict(run='proposed_51k', cells=('51K', 'Proposed'), paper={{_base_.paper.nyu_51k}}),
            dict(run='hrwsi_51k', cells=('51K', 'Proposed†'), paper={{_base_.paper.nyu_51k_hrwsi}}),
        ],
    ),
    dict(
        title='Table 2: DIML-Indoor',
        columns=('#', 'Setting'),
        metrics=('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau'),
        rows=[
            dict(
                run='baseline_diml',
                cells=('1.6K', 'Baseline'),
                paper={{_base_.paper.diml_indoor_baseline}},
            ),
            dict(
                run='proposed_diml', cells=('1.6K', 'Proposed'), paper={{_base_.paper.diml_indoor}}
            ),
            dict(
                run='hrwsi_diml',
                cells=('1.6K', 'Proposed†'),
                paper={{_base_.paper.diml_indoor_hrwsi}},
            ),
        ],
    ),
    dict(
        title='Table 2: SUN RGB-D',
        columns=('#', 'Setting'),
        metrics=('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau'),
        rows=[
            dict(
                run='baseline_sunrgbd',
                cells=('5.3K', 'Baseline'),
                paper={{_base_.paper.sunrgbd_baseline}},
            ),
            dict(
                run='proposed_sunrgbd', cells=('5.3K', 'Proposed'), paper={{_base_.paper.sunrgbd}}
            ),
            dict(
                run='hrwsi_sunrgbd',
                cells=('5.3K', 'Proposed†'),
                paper={{_base_.paper.sunrgbd_hrwsi}},
            ),
        ],
    ),
]
plots = [
    dict(
        name='sizes',
        x='metric images',
        metrics=('rmse', 'abs_rel', 'tau'),
        lines={
            'Baseline': [(795, 'baseline_795'), (17000, 'baseline_17k'), (51000, 'baseline_51k')],
            'Proposed': [(795, 'proposed_795'), (17000, 'proposed_17k'), (51000, 'proposed_51k')],
            'Proposed†': [(795, 'hrwsi_795'), (17000, 'hrwsi_17k'), (51000, 'hrwsi_51k')],
        },
    )
]
