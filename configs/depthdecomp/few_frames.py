# Fits a handful of frames in the NYU layout: files, losses and decoding agree if it can.
_base_ = './rooms.py'

data_root = 'data/few_frames/'
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=(256, 192)),
    dict(type='LoadDepthAnnotation'),
    dict(type='PackDepthInputs'),
]
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation'),
    dict(type='Resize', scale=(256, 192)),
    dict(type='PackDepthInputs'),
]
frames = dict(type='NYUDataset', data_root=data_root, ann_file='')  # every pair in the folder
train_dataloader = dict(
    batch_size=6,
    dataset=dict(
        _delete_=True,
        type='RepeatDataset',
        times=100,
        dataset=dict(pipeline=train_pipeline, **frames),
    ),
)
val_dataloader = dict(dataset=dict(_delete_=True, pipeline=test_pipeline, **frames))
test_dataloader = val_dataloader

protocol = dict(crop='nyu', min_depth=1e-3, max_depth=10.0)
val_evaluator = [
    dict(type='DepthMetric', **protocol),
    dict(type='KendallTau', **protocol),
    dict(type='WHDR', **protocol),
]
test_evaluator = val_evaluator

train_cfg = dict(max_epochs=8)
param_scheduler = [dict(type='StepLR', step_size=2, gamma=0.4, by_epoch=True)]
phases = [
    dict(
        name='phase1',
        model=dict(metric_decoder=None),
        train_cfg=dict(max_epochs=6),
        val_evaluator=[dict(type='KendallTau', pred_key='pred_normalized_map')],
    ),
    dict(name='phase2'),
]
