# The paper's Tables 2 to 4 on the embedded rooms from pretrained encoders; see docs/claims.md.
metrics = ('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau', 'whdr')
seeds = (0, 1, 2)
whole = '../depthdecomp/ablation/pretrained/rooms.py'
mixed = '../depthdecomp/ablation/pretrained/rooms_hrwsi.py'
true_n = '../depthdecomp/ablation/pretrained/true_n.py'

# An epoch has 128 steps, however many images they come from.
metric = 'train_dataloader.dataset.datasets.metric'
images_64 = {f'{metric}.dataset.indices': 64, f'{metric}.times': 16}
images_256 = {f'{metric}.dataset.indices': 256, f'{metric}.times': 4}
images_1024 = {f'{metric}.dataset.indices': 1024, f'{metric}.times': 1}

# Two phases of 1 and 2 epochs, or one of 3
two_phases = {
    'phases.phase1.train_cfg.max_epochs': 1,
    'phases.phase1.param_scheduler.1.T_max': 1,
    'train_cfg.max_epochs': 2,
    'param_scheduler.1.T_max': 2,
}
one_phase = {
    'phases.phase1': None,
    'train_cfg.max_epochs': 3,
    'param_scheduler.1.T_max': 3,
}

# What a row of Table 3 lacks
no_mean = {'model.metric_decoder.mdr.predict_mean': False}
no_mdr = {'model.metric_decoder.mdr': None}
pooled_mean = {'model.metric_decoder.mdr.mean_head': 'pooled'}
no_g = {'model.gradient_decoder': None, **no_mdr}
no_n = {'model.normalized_decoder': None, 'model.losses.loss_log_m': None, **no_g}

runs = dict(
    pre_baseline=dict(config=whole, cfg_options={**images_256, **one_phase, **no_n}),
    pre_true_n=dict(config=true_n, cfg_options={**images_256, **one_phase, **no_g}),
    pre_m_n=dict(config=whole, cfg_options={**images_256, **two_phases, **no_g}),
    pre_m_n_g=dict(config=whole, cfg_options={**images_256, **two_phases, **no_mdr}),
    pre_mdr_star=dict(config=whole, cfg_options={**images_256, **two_phases, **no_mean}),
    pre_proposed=dict(config=whole, cfg_options={**images_256, **two_phases}),
    pre_pooled_mean=dict(config=whole, cfg_options={**images_256, **two_phases, **pooled_mean}),
    pre_hrwsi=dict(config=mixed, cfg_options={**images_256, **two_phases}),
    pre_single_phase=dict(config=mixed, cfg_options={**images_256, **one_phase}),
    pre_few_baseline=dict(config=whole, cfg_options={**images_64, **one_phase, **no_n}),
    pre_few_proposed=dict(config=whole, cfg_options={**images_64, **two_phases}),
    pre_few_hrwsi=dict(config=mixed, cfg_options={**images_64, **two_phases}),
    pre_many_baseline=dict(config=whole, cfg_options={**images_1024, **one_phase, **no_n}),
    pre_many_proposed=dict(config=whole, cfg_options={**images_1024, **two_phases}),
    pre_many_hrwsi=dict(config=mixed, cfg_options={**images_1024, **two_phases}),
)
tables = [
    dict(
        title="Components (the paper's Table 3), 256 metric images",
        columns=('M', 'N', 'G', 'MDR*', 'MDR', '†'),
        metrics=metrics,
        rows=[
            dict(run='pre_baseline', label='M', cells=('✓', '', '', '', '', '')),
            dict(run='pre_true_n', label='M, true N', cells=('✓', 'true', '', '', '', '')),
            dict(run='pre_m_n', label='M, N', cells=('✓', '✓', '', '', '', '')),
            dict(run='pre_m_n_g', label='M, N, G', cells=('✓', '✓', '✓', '', '', '')),
            dict(run='pre_mdr_star', label='+ MDR*', cells=('✓', '✓', '✓', '✓', '', '')),
            dict(run='pre_proposed', label='+ MDR', cells=('✓', '✓', '✓', '', '✓', '')),
            dict(
                run='pre_pooled_mean',
                label='+ MDR, pooled mean',
                cells=('✓', '✓', '✓', '', 'pooled', ''),
            ),
            dict(run='pre_hrwsi', label='+ MDR †', cells=('✓', '✓', '✓', '', '✓', '✓')),
        ],
    ),
    dict(
        title='Phases (Table 4), 256 metric images and relative data',
        columns=('Setting',),
        metrics=metrics,
        rows=[
            dict(run='pre_single_phase', cells=('Single-phase',)),
            dict(run='pre_hrwsi', cells=('Proposed†',)),
        ],
    ),
    dict(
        title='Number of metric images (Table 2)',
        columns=('#', 'Setting'),
        metrics=metrics,
        rows=[
            dict(run='pre_few_baseline', cells=('64', 'Baseline')),
            dict(run='pre_few_proposed', cells=('64', 'Proposed')),
            dict(run='pre_few_hrwsi', cells=('64', 'Proposed†')),
            dict(run='pre_baseline', cells=('256', 'Baseline')),
            dict(run='pre_proposed', cells=('256', 'Proposed')),
            dict(run='pre_hrwsi', cells=('256', 'Proposed†')),
            dict(run='pre_many_baseline', cells=('1024', 'Baseline')),
            dict(run='pre_many_proposed', cells=('1024', 'Proposed')),
            dict(run='pre_many_hrwsi', cells=('1024', 'Proposed†')),
        ],
    ),
]
plots = [
    dict(
        name='sizes',
        x='metric images',
        metrics=('rmse', 'abs_rel', 'tau', 'whdr'),
        lines={
            'Baseline': [
                (64, 'pre_few_baseline'),
                (256, 'pre_baseline'),
                (1024, 'pre_many_baseline'),
            ],
            'Proposed': [
                (64, 'pre_few_proposed'),
                (256, 'pre_proposed'),
                (1024, 'pre_many_proposed'),
            ],
            'Proposed†': [(64, 'pre_few_hrwsi'), (256, 'pre_hrwsi'), (1024, 'pre_many_hrwsi')],
        },
    )
]
claims = [
    dict(claim='N-Net helps: M, N against M', better='pre_m_n', worse='pre_baseline'),
    dict(claim='G-Net helps: M, N, G against M, N', better='pre_m_n_g', worse='pre_m_n'),
    dict(claim='MDR helps: + MDR against M, N, G', better='pre_proposed', worse='pre_m_n_g'),
    dict(claim='its mean helps: + MDR against + MDR*', better='pre_proposed', worse='pre_mdr_star'),
    dict(
        claim='a pooled mean helps: against + MDR', better='pre_pooled_mean', worse='pre_proposed'
    ),
    dict(
        claim='Proposed against Baseline, 64', better='pre_few_proposed', worse='pre_few_baseline'
    ),
    dict(claim='Proposed against Baseline, 256', better='pre_proposed', worse='pre_baseline'),
    dict(
        claim='Proposed against Baseline, 1024',
        better='pre_many_proposed',
        worse='pre_many_baseline',
    ),
    dict(claim='relative data help, 64 metric', better='pre_few_hrwsi', worse='pre_few_proposed'),
    dict(claim='relative data help, 256 metric', better='pre_hrwsi', worse='pre_proposed'),
    dict(
        claim='relative data help, 1024 metric', better='pre_many_hrwsi', worse='pre_many_proposed'
    ),
    dict(claim='two phases against one, †', better='pre_hrwsi', worse='pre_single_phase'),
    dict(claim='64 with † against Baseline, 256', better='pre_few_hrwsi', worse='pre_baseline'),
]
