# Four rows of rooms_pretrained.py with four times the steps: does their order stay?
_base_ = './rooms_pretrained.py'
whole = '../depthdecomp/ablation/pretrained/rooms.py'
mixed = '../depthdecomp/ablation/pretrained/rooms_hrwsi.py'
two_phases = {
    'phases.phase1.train_cfg.max_epochs': 4,
    'phases.phase1.param_scheduler.1.T_max': 4,
    'train_cfg.max_epochs': 8,
    'train_cfg.val_interval': 2,
    'param_scheduler.1.T_max': 8,
}
one_phase = {
    'phases.phase1': None,
    'train_cfg.max_epochs': 12,
    'train_cfg.val_interval': 2,
    'param_scheduler.1.T_max': 12,
}
images = {{_base_.images_256}}

runs = dict(
    long_baseline=dict(config=whole, cfg_options=[images, one_phase, {{_base_.no_n}}]),
    long_m_n=dict(config=whole, cfg_options=[images, two_phases, {{_base_.no_g}}]),
    long_proposed=dict(config=whole, cfg_options=[images, two_phases]),
    long_hrwsi=dict(config=mixed, cfg_options=[images, two_phases]),
)
tables = [
    dict(
        title='Components, 256 metric images, 1536 steps',
        columns=('M', 'N', 'G', 'MDR', '†'),
        metrics={{_base_.metrics}},
        rows=[
            dict(run='long_baseline', label='M', cells=('✓', '', '', '', '')),
            dict(run='long_m_n', label='M, N', cells=('✓', '✓', '', '', '')),
            dict(run='long_proposed', label='+ MDR', cells=('✓', '✓', '✓', '✓', '')),
            dict(run='long_hrwsi', label='+ MDR †', cells=('✓', '✓', '✓', '✓', '✓')),
        ],
    ),
]
plots = []
claims = [
    dict(claim='N-Net helps: M, N against M', better='long_m_n', worse='long_baseline'),
    dict(claim='Proposed against Baseline', better='long_proposed', worse='long_baseline'),
    dict(claim='relative data help', better='long_hrwsi', worse='long_proposed'),
]
