# Our network in mmsegmentation's scope, on its NYUDataset, through its pipeline and preprocessor.
default_scope = 'mmseg'
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
        mdr=dict(type='MDRBlock', patch_size=4, grid_size=(3, 4), embed_dims=16, num_layers=1),
    ),
    losses=dict(
        loss_g=dict(type='L1Loss', branch='gradients'),
        loss_n=dict(type='L1Loss', branch='normalized'),
        loss_m=dict(type='L1Loss', branch='metric'),
        loss_mu=dict(type='L1Loss', branch='mean'),
    ),
)

meta_keys = (
    'img_path',
    'depth_map_path',
    'ori_shape',
    'img_shape',
    'pad_shape',
    'flip',
    'category_id',
)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation', depth_rescale_factor=1e-3),
    dict(type='RandomDepthMix', prob=0.25),
    dict(type='RandomFlip', prob=0.5),
    dict(type='RandomCrop', crop_size=(60, 90)),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(200, 64), keep_ratio=True),
    dict(type='LoadDepthAnnotation', depth_rescale_factor=1e-3),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    dataset=dict(
        type='NYUDataset',
        data_root=data_root,
        data_prefix=dict(img_path='images/train', depth_map_path='annotations/train'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='NYUDataset',
        data_root=data_root,
        test_mode=True,
        data_prefix=dict(img_path='images/test', depth_map_path='annotations/test'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = [
    dict(type='DepthMetric', min_depth_eval=1e-3, max_depth_eval=10.0, prefix='mmseg'),
    dict(type='depthdecomp_mm.DepthMetric', max_depth=10.0, prefix='ours'),
    dict(type='depthdecomp_mm.KendallTau', max_depth=10.0, prefix='ours'),
    dict(type='depthdecomp_mm.WHDR', max_depth=10.0, prefix='ours'),
]
test_evaluator = val_evaluator
train_cfg = dict(type='IterBasedTrainLoop', max_iters=2, val_interval=2)
val_cfg = dict(type='ValLoop')
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-4))
default_hooks = dict(checkpoint=dict(type='CheckpointHook', by_epoch=False, interval=2))
log_processor = dict(by_epoch=False)
visualizer = dict(type='SegLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')])
randomness = dict(seed=0)
