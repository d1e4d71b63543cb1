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
                paper=dict(
                    rmse=0.487, abs_rel=0.147, log10=0.061, d1=0.809, d2=0.963, d3=0.991, tau=0.738
                ),
            ),
            dict(run='baseline_metres_795', cells=('795', 'Baseline, metres')),
            dict(
                run='proposed_795',
                cells=('795', 'Proposed'),
                paper=dict(
                    rmse=0.468, abs_rel=0.142, log10=0.059, d1=0.824, d2=0.969, d3=0.992, tau=0.762
                ),
            ),
            dict(
                run='hrwsi_795',
                cells=('795', 'Proposed†'),
                paper=dict(
                    rmse=0.417, abs_rel=0.122, log10=0.052, d1=0.868, d2=0.977, d3=0.995, tau=0.800
                ),
            ),
            dict(
                run='baseline_17k',
                cells=('17K', 'Baseline'),
                paper=dict(
                    rmse=0.400, abs_rel=0.113, log10=0.048, d1=0.880, d2=0.981, d3=0.996, tau=0.803
                ),
            ),
            dict(run='baseline_metres_17k', cells=('17K', 'Baseline, metres')),
            dict(
                run='proposed_17k',
                cells=('17K', 'Proposed'),
                paper=dict(
                    rmse=0.370, abs_rel=0.103, log10=0.045, d1=0.903, d2=0.986, d3=0.997, tau=0.829
                ),
            ),
            dict(
                run='hrwsi_17k',
                cells=('17K', 'Proposed†'),
                paper=dict(
                    rmse=0.362, abs_rel=0.100, log10=0.043, d1=0.909, d2=0.987, d3=0.997, tau=0.835
                ),
            ),
            dict(
                run='baseline_51k',
                cells=('51K', 'Baseline'),
                paper=dict(
                    rmse=0.386, abs_rel=0.109, log10=0.047, d1=0.888, d2=0.980, d3=0.995, tau=0.813
                ),
            ),
            dict(run='baseline_metres_51k', cells=('51K', 'Baseline, metres')),
            dict(
                run='proposed_51k',
                cells=('51K', 'Proposed'),
                paper=dict(
                    rmse=0.362, abs_rel=0.100, log10=0.043, d1=0.907, d2=0.986, d3=0.997, tau=0.837
                ),
            ),
            dict(
                run='hrwsi_51k',
                cells=('51K', 'Proposed†'),
                paper=dict(
                    rmse=0.355, abs_rel=0.098, log10=0.042, d1=0.913, d2=0.987, d3=0.998, tau=0.840
                ),
            ),
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
                paper=dict(
                    rmse=0.589, abs_rel=0.247, log10=0.099, d1=0.701, d2=0.879, d3=0.968, tau=0.492
                ),
            ),
            dict(
                run='proposed_diml',
                cells=('1.6K', 'Proposed'),
                paper=dict(
                    rmse=0.537, abs_rel=0.180, log10=0.075, d1=0.719, d2=0.943, d3=0.986, tau=0.696
                ),
            ),
            dict(
                run='hrwsi_diml',
                cells=('1.6K', 'Proposed†'),
                paper=dict(
                    rmse=0.517, abs_rel=0.171, log10=0.072, d1=0.742, d2=0.949, d3=0.989, tau=0.742
                ),
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
                paper=dict(
                    rmse=0.306, abs_rel=0.132, log10=0.055, d1=0.847, d2=0.971, d3=0.992, tau=0.761
                ),
            ),
            dict(
                run='proposed_sunrgbd',
                cells=('5.3K', 'Proposed'),
                paper=dict(
                    rmse=0.303, abs_rel=0.129, log10=0.055, d1=0.850, d2=0.973, d3=0.993, tau=0.776
                ),
            ),
            dict(
                run='hrwsi_sunrgbd',
                cells=('5.3K', 'Proposed†'),
                paper=dict(
                    rmse=0.301, abs_rel=0.127, log10=0.054, d1=0.853, d2=0.973, d3=0.992, tau=0.784
                ),
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
