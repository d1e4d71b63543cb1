# Fits a handful of frames in the NYU layout: files, losses and decoding agree if it can.
_base_ = './rooms_random.py'

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
metric = dict(
    _delete_=True, type='RepeatDataset', times=100, dataset=dict(pipeline=train_pipeline, **frames)
)
train_dataloader = dict(batch_size=6, dataset=dict(datasets=dict(metric=metric)))
val_dataloader = dict(
    dataset=dict(_delete_=True, pipeline=test_pipeline, eval_crop='nyu', **frames)
)
test_dataloader = val_dataloader

train_cfg = dict(max_epochs=8)
param_scheduler = [dict(type='StepLR', step_size=2, gamma=0.4, by_epoch=True)]
phases = dict(phase1=dict(train_cfg=dict(max_epochs=6), param_scheduler=param_scheduler))
