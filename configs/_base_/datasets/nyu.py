# NYUv2 in the layout of the synchronised set; the lists come from tools/dataset_converters.
data_root = 'data/nyu/'
scale = (512, 384)

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
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='ConcatDataset',  # of one set, beside which others may stand: see hrwsi.py
        datasets=dict(
            metric=dict(
                type='NYUDataset',
                data_root=data_root,
                ann_file='nyu_51k_train.txt',
                pipeline=train_pipeline,
            ),
        ),
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='NYUDataset',
        data_root=data_root,
        ann_file='nyu_test.txt',
        test_mode=True,
        eval_crop='nyu',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader

# Metres: what data, network and evaluation are limited to.
depth_range = dict(min_depth=1e-3, max_depth=10.0)
