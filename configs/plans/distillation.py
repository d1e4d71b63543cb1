# The narrow student of rooms_distilled.py with and without its teacher: the same steps, each with 4
# metric images, beside which the teacher has 4 without labels. TEACHER names its checkpoint.
seeds = (0, 1, 2)
metrics = ('rmse', 'abs_rel', 'd1', 'tau', 'whdr')
decoders = ('gradient_decoder', 'normalized_decoder', 'metric_decoder')
narrow = {f'model.{decoder}.channels': (48, 32, 24, 16, 16, 8) for decoder in decoders}
short = {
    'train_dataloader.dataset.datasets.metric.indices': 480,  # 120 steps an epoch
    **dict.fromkeys(('train_cfg.max_epochs', 'phases.phase1.train_cfg.max_epochs'), 1),
    **dict.fromkeys(('param_scheduler.1.T_max', 'phases.phase1.param_scheduler.1.T_max'), 1),
    **dict.fromkeys(('val_dataloader', 'val_cfg', 'val_evaluator')),  # tested at the end alone
    'phases.phase1.val_evaluator': None,
    'train_dataloader.num_workers': 1,
}
quotas = {
    'train_dataloader.batch_size': 8,
    'train_dataloader.sampler.quotas.metric': 4,
    'train_dataloader.sampler.quotas.unlabelled': 4,
}
runs = dict(
    labels=dict(
        config='../depthdecomp/rooms.py',
        cfg_options={**short, **narrow, 'train_dataloader.batch_size': 4},
    ),
    taught=dict(config='../depthdecomp/rooms_distilled.py', cfg_options={**short, **quotas}),
)
tables = [
    dict(
        title='A narrow student of the rooms, two phases of 120 steps of 4 metric images',
        columns=('Learns from',),
        metrics=metrics,
        rows=[
            dict(run='labels', cells=('labels',)),
            dict(run='taught', cells=('labels, and a teacher on images without',)),
        ],
    ),
]
