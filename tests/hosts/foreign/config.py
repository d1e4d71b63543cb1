# Our model, data sets, sampler, transforms, hook and metrics by scope prefix alone, in a project
# with a default scope of its own. Parts of our model need no prefix.

data_root = '{{$ROOMS:}}'
default_scope = 'foreign'
custom_imports = dict(imports=['foreign'])
experiment_name = 'foreign'

channels = (32, 24, 16, 16, 16, 16)
model = dict(
    type='depthdecomp_mm.DepthDecomposer',
    data_preprocessor=dict(type='DepthDataPreprocessor'),
    encoder=dict(type='WrappedEncoder', backbone=dict(type='Pyramid')),  # the host's
    normalized_decoder=dict(type='DepthDecoder', channels=channels),
    metric_decoder=dict(
        type='depthdecomp_mm.DepthDecoder',
        channels=channels,
        mdr=dict(type='MDRBlock', patch_size=4, grid_size=(3, 4), embed_dims=16, num_layers=1),
    ),
    losses=dict(
        loss_n=dict(type='L1Loss', branch='normalized'),
        loss_m=dict(type='AbsoluteLoss', branch='metric'),  # the host's
        loss_mu=dict(type='depthdecomp_mm.L1Loss', branch='mean'),
    ),
)

pipeline = [
    dict(type='depthdecomp_mm.LoadImageFromFile'),
    dict(type='depthdecomp_mm.LoadDepthAnnotation'),
    dict(type='Resize', every=1),  # the host's
    dict(type='depthdecomp_mm.PackDepthInputs'),
]
metric = dict(
    type='depthdecomp_mm.NYUDataset',
    data_root=f'{data_root}/nyu/',
    ann_file='train.txt',
    pipeline=pipeline,
)
relative = dict(
    type='depthdecomp_mm.HRWSIDataset',
    data_root=f'{data_root}/hrwsi/',
    split='train',
    pipeline=pipeline,
)
train_dataloader = dict(
    batch_size=4,
    num_workers=0,
    dataset=dict(
        type='depthdecomp_mm.ConcatDataset', datasets=dict(metric=metric, relative=relative)
    ),
    sampler=dict(type='depthdecomp_mm.MixedDatasetSampler', quotas=dict(metric=2, relative=2)),
)
val_dataloader = dict(
    batch_size=2,
    num_workers=0,
    dataset=dict(metric, ann_file='test.txt', test_mode=True),
    sampler=dict(type='DefaultSampler', shuffle=False),
)
test_dataloader = val_dataloader
val_evaluator = [
    dict(type='depthdecomp_mm.DepthMetric', max_depth=10.0),
    dict(type='depthdecomp_mm.KendallTau', max_depth=10.0),
    dict(type='MeanPrediction'),  # the host's
]
test_evaluator = val_evaluator
train_cfg = dict(by_epoch=True, max_epochs=1, val_interval=1)
val_cfg = dict()
test_cfg = dict()
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3))
param_scheduler = [dict(type='StepLR', step_size=1, by_epoch=True)]
custom_hooks = [
    dict(type='LossLog'),  # the host's
    dict(type='depthdecomp_mm.DepthVisualizationHook', draw=True, interval=100),
]
visualizer = dict(
    type='depthdecomp_mm.DepthVisualizer', vis_backends=[dict(type='LocalVisBackend')]
)
randomness = dict(seed=0)
