# The paper's Tables 2 to 4 at a small size, on the embedded rooms (data/rooms); see docs/claims.md.
metrics = ('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau', 'whdr')
seeds = (0, 1, 2)

metric = 'train_dataloader.dataset.datasets.metric'
few = {f'{metric}.dataset.indices': 64, f'{metric}.times': 16}
many = {f'{metric}.dataset.indices': 1024, f'{metric}.times': 1}
runs = dict(
    baseline=dict(config='../depthdecomp/ablation/rooms/baseline.py'),
    hrwsi=dict(config='../depthdecomp/ablation/rooms/hrwsi.py'),
    proposed=dict(config='../depthdecomp/ablation/rooms/proposed.py'),
    few_baseline=dict(config='../depthdecomp/ablation/rooms/baseline.py', cfg_options=few),
    few_hrwsi=dict(config='../depthdecomp/ablation/rooms/hrwsi.py', cfg_options=few),
    few_proposed=dict(config='../depthdecomp/ablation/rooms/proposed.py', cfg_options=few),
    many_baseline=dict(config='../depthdecomp/ablation/rooms/baseline.py', cfg_options=many),
    many_proposed=dict(config='../depthdecomp/ablation/rooms/proposed.py', cfg_options=many),
    many_hrwsi=dict(config='../depthdecomp/ablation/rooms/hrwsi.py', cfg_options=many),
    m_n=dict(config='../depthdecomp/ablation/rooms/m_n.py'),
    m_n_g=dict(config='../depthdecomp/ablation/rooms/m_n_g.py'),
    m_n_g_mdr_star=dict(config='../depthdecomp/ablation/rooms/m_n_g_mdr_star.py'),
    single_phase_hrwsi=dict(config='../depthdecomp/ablation/rooms/single_phase_hrwsi.py'),
)

tables = [
    dict(
        title="Components (the paper's Table 3), 256 metric images",
        columns=('M', 'N', 'G', 'MDR*', 'MDR', '†'),
        metrics=metrics,
        rows=[
            dict(run='baseline', label='M', cells=('✓', '', '', '', '', '')),
            dict(run='m_n', label='M, N', cells=('✓', '✓', '', '', '', '')),
            dict(run='m_n_g', label='M, N, G', cells=('✓', '✓', '✓', '', '', '')),
            dict(run='m_n_g_mdr_star', label='+ MDR*', cells=('✓', '✓', '✓', '✓', '', '')),
            dict(run='proposed', label='+ MDR', cells=('✓', '✓', '✓', '', '✓', '')),
            dict(run='hrwsi', label='+ MDR †', cells=('✓', '✓', '✓', '', '✓', '✓')),
        ],
    ),
    dict(
        title='Phases (Table 4), 256 metric images and relative data',
        columns=('Setting',),
        metrics=metrics,
        rows=[
            dict(run='single_phase_hrwsi', cells=('Single-phase',)),
            dict(run='hrwsi', cells=('Proposed†',)),
        ],
    ),
    dict(
        title='Number of metric images (Table 2)',
        columns=('#', 'Setting'),
        metrics=metrics,
        rows=[
            dict(run='few_baseline', cells=('64', 'Baseline')),
            dict(run='few_proposed', cells=('64', 'Proposed')),
            dict(run='few_hrwsi', cells=('64', 'Proposed†')),
            dict(run='baseline', cells=('256', 'Baseline')),
            dict(run='proposed', cells=('256', 'Proposed')),
            dict(run='hrwsi', cells=('256', 'Proposed†')),
            dict(run='many_baseline', cells=('1024', 'Baseline')),
            dict(run='many_proposed', cells=('1024', 'Proposed')),
            dict(run='many_hrwsi', cells=('1024', 'Proposed†')),
        ],
    ),
]
plots = [
    dict(
        name='sizes',
        x='metric images',
        metrics=('rmse', 'abs_rel', 'tau', 'whdr'),
        lines={
            'Baseline': [(64, 'few_baseline'), (256, 'baseline'), (1024, 'many_baseline')],
            'Proposed': [(64, 'few_proposed'), (256, 'proposed'), (1024, 'many_proposed')],
            'Proposed†': [(64, 'few_hrwsi'), (256, 'hrwsi'), (1024, 'many_hrwsi')],
        },
    )
]
