# Our network on mmsegmentation's base configs: its data, pipelines, runtime, schedule, metric.
_base_ = [
    'mmseg::_base_/datasets/nyu.py',
    'mmseg::_base_/default_runtime.py',
    'mmseg::_base_/schedules/schedule_20k.py',
]
data_root = '{{$NYU_OF_MMSEG:}}'

channels = (32, 24, 16, 16, 16, 16)
model = dict(
    type='depthdecomp_mm.DepthDecomposer',
    data_preprocessor=dict(
        type='SegDataPreProcessor',
        mean=[123.675, 116.28, 103.53],
        std=[58.395, 57.12, 57.375],
        bgr_to_rgb=True,
        size_divisor=32,
    ),
    encoder=dict(type='TimmEncoder', model_name='mobilenetv3_small_050'),
    gradient_decoder=dict(type='DepthDecoder', channels=channels),
    normalized_decoder=dict(type='DepthDecoder', channels=channels),
    metric_decoder=dict(
        type='DepthDecoder',
        channels=channels,
        mdr=dict(type='MDRBlock', patch_size=8, grid_size=(3, 4), embed_dims=16, num_layers=1),
    ),
    losses=dict(
        loss_g=dict(type='L1Loss', branch='gradients'),
        loss_n=dict(type='L1Loss', branch='normalized'),
        loss_m=dict(type='SiLogLoss', branch='metric'),  # mmsegmentation's
        loss_mu=dict(type='L1Loss', branch='mean'),
    ),
)

# Albu is of another package
train_pipeline = [step for step in _base_.train_pipeline if step['type'] != 'Albu']
train_pipeline = [
    dict(step, crop_size=(96, 128)) if step['type'] == 'RandomCrop' else step
    for step in train_pipeline
]
workers = dict(num_workers=0, persistent_workers=False)
train_dataloader = dict(
    batch_size=2, dataset=dict(data_root=data_root, pipeline=train_pipeline), **workers
)
val_dataloader = dict(dataset=dict(data_root=data_root), **workers)
test_dataloader = val_dataloader
val_evaluator = [
    _base_.val_evaluator,
    dict(type='depthdecomp_mm.DepthMetric', crop='nyu'),
    dict(type='depthdecomp_mm.KendallTau', crop='nyu'),
    dict(type='depthdecomp_mm.WHDR', crop='nyu'),
]
test_evaluator = val_evaluator
train_cfg = dict(max_iters=2, val_interval=2)
optim_wrapper = dict(optimizer=dict(lr=1e-4))
default_hooks = dict(
    logger=dict(interval=1), checkpoint=dict(interval=2, save_best='tau', rule='greater')
)
