# The embedded data set of tools/dataset_converters/make_rooms.py, at 96 x 128.
_base_ = './hrwsi.py'
data_root = '{{$ROOMS_ROOT:data/rooms}}/'
scale = (128, 96)

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation'),
    dict(type='Resize', scale=scale),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotometricAugment'),
    dict(type='PackDepthInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=scale),
    dict(type='LoadDepthAnnotation'),  # after Resize: ground truth keeps its own size
    dict(type='PackDepthInputs'),
]

train_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='ConcatDataset',  # of one set, beside which others may stand: see mixed
        datasets=dict(
            metric=dict(
                type='NYUDataset',
                data_root=data_root + 'nyu/',
                ann_file='train.txt',
                pipeline=train_pipeline,
            ),
        ),
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='NYUDataset',
        data_root=data_root + 'nyu/',
        ann_file='test.txt',
        test_mode=True,
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

# Relative images of other cameras in the place of HR-WSI
relative = dict(data_root=data_root + 'hrwsi/', pipeline=train_pipeline)
mixed = dict(dataset=dict(datasets=dict(relative=relative)))
unlabelled = dict(dataset=dict(datasets=dict(unlabelled=relative)))

# Metres: what data, network and evaluation are limited to.
depth_range = dict(min_depth=1e-3, max_depth=10.0)
