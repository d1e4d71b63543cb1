# The rows of rooms_pretrained.py on real frames: 315 of 9 places, tested on 50 of 23 others. The
# relative images are those of the rooms.
_base_ = './rooms_pretrained.py'
whole = '../depthdecomp/ablation/pretrained/frames.py'
mixed = '../depthdecomp/ablation/pretrained/frames_hrwsi.py'

# An epoch has 40 steps, however many frames they come from; these are spread over the list.
metric = 'train_dataloader.dataset.datasets.metric'
frames_16 = {f'{metric}.dataset.indices': list(range(0, 315, 20)), f'{metric}.times': 20}
frames_63 = {f'{metric}.dataset.indices': list(range(0, 315, 5)), f'{metric}.times': 5}

# 4 and 6 epochs in two phases, or 10 in one
one_phase = {'phases.phase1': None, 'train_cfg.max_epochs': 10, 'param_scheduler.1.T_max': 10}
baseline = [one_phase, {{_base_.no_n}}]

runs = dict(
    real_baseline=dict(config=whole, cfg_options=baseline),
    real_m_n=dict(config=whole, cfg_options={{_base_.no_g}}),
    real_m_n_g=dict(config=whole, cfg_options={{_base_.no_mdr}}),
    real_mdr_star=dict(config=whole, cfg_options={{_base_.no_mean}}),
    real_proposed=dict(config=whole),
    real_hrwsi=dict(config=mixed),
    real_single_phase=dict(config=mixed, cfg_options=one_phase),
    real_16_baseline=dict(config=whole, cfg_options=[frames_16, *baseline]),
    real_16_proposed=dict(config=whole, cfg_options=frames_16),
    real_16_hrwsi=dict(config=mixed, cfg_options=frames_16),
    real_63_baseline=dict(config=whole, cfg_options=[frames_63, *baseline]),
    real_63_proposed=dict(config=whole, cfg_options=frames_63),
    real_63_hrwsi=dict(config=mixed, cfg_options=frames_63),
)
tables = [
    dict(
        title="Components (the paper's Table 3), 315 metric frames",
        columns=('M', 'N', 'G', 'MDR*', 'MDR', '†'),
        metrics={{_base_.metrics}},
        rows=[
            dict(run='real_baseline', label='M', cells=('✓', '', '', '', '', '')),
            dict(run='real_m_n', label='M, N', cells=('✓', '✓', '', '', '', '')),
            dict(run='real_m_n_g', label='M, N, G', cells=('✓', '✓', '✓', '', '', '')),
            dict(run='real_mdr_star', label='+ MDR*', cells=('✓', '✓', '✓', '✓', '', '')),
            dict(run='real_proposed', label='+ MDR', cells=('✓', '✓', '✓', '', '✓', '')),
            dict(run='real_hrwsi', label='+ MDR †', cells=('✓', '✓', '✓', '', '✓', '✓')),
        ],
    ),
    dict(
        title='Phases (Table 4), 315 metric frames and relative data',
        columns=('Setting',),
        metrics={{_base_.metrics}},
        rows=[
            dict(run='real_single_phase', cells=('Single-phase',)),
            dict(run='real_hrwsi', cells=('Proposed†',)),
        ],
    ),
    dict(
        title='Number of metric frames (Table 2)',
        columns=('#', 'Setting'),
        metrics={{_base_.metrics}},
        rows=[
            dict(run='real_16_baseline', cells=('16', 'Baseline')),
            dict(run='real_16_proposed', cells=('16', 'Proposed')),
            dict(run='real_16_hrwsi', cells=('16', 'Proposed†')),
            dict(run='real_63_baseline', cells=('63', 'Baseline')),
            dict(run='real_63_proposed', cells=('63', 'Proposed')),
            dict(run='real_63_hrwsi', cells=('63', 'Proposed†')),
            dict(run='real_baseline', cells=('315', 'Baseline')),
            dict(run='real_proposed', cells=('315', 'Proposed')),
            dict(run='real_hrwsi', cells=('315', 'Proposed†')),
        ],
    ),
]
plots = [
    dict(
        name='sizes',
        x='metric frames',
        metrics=('rmse', 'abs_rel', 'tau', 'whdr'),
        lines={
            'Baseline': [
                (16, 'real_16_baseline'),
                (63, 'real_63_baseline'),
                (315, 'real_baseline'),
            ],
            'Proposed': [
                (16, 'real_16_proposed'),
                (63, 'real_63_proposed'),
                (315, 'real_proposed'),
            ],
            'Proposed†': [(16, 'real_16_hrwsi'), (63, 'real_63_hrwsi'), (315, 'real_hrwsi')],
        },
    )
]
claims = [
    dict(claim='N-Net helps: M, N against M', better='real_m_n', worse='real_baseline'),
    dict(claim='G-Net helps: M, N, G against M, N', better='real_m_n_g', worse='real_m_n'),
    dict(claim='MDR helps: + MDR against M, N, G', better='real_proposed', worse='real_m_n_g'),
    dict(
        claim='its mean helps: + MDR against + MDR*', better='real_proposed', worse='real_mdr_star'
    ),
    dict(
        claim='Proposed against Baseline, 16', better='real_16_proposed', worse='real_16_baseline'
    ),
    dict(
        claim='Proposed against Baseline, 63', better='real_63_proposed', worse='real_63_baseline'
    ),
    dict(claim='Proposed against Baseline, 315', better='real_proposed', worse='real_baseline'),
    dict(claim='relative data help, 16 metric', better='real_16_hrwsi', worse='real_16_proposed'),
    dict(claim='relative data help, 63 metric', better='real_63_hrwsi', worse='real_63_proposed'),
    dict(claim='relative data help, 315 metric', better='real_hrwsi', worse='real_proposed'),
    dict(claim='two phases against one, †', better='real_hrwsi', worse='real_single_phase'),
    dict(claim='63 with † against Baseline, 315', better='real_63_hrwsi', worse='real_baseline'),
]
