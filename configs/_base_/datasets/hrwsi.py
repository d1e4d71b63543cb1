# HR-WSI as relative data beside a metric set: train_dataloader = {{_base_.mixed}}
relative = dict(
    type='HRWSIDataset',
    data_root='data/hrwsi/',
    split='train',
    pipeline=[
        dict(type='LoadImageFromFile'),
        dict(type='LoadDepthAnnotation'),
        dict(type='Resize', scale=(512, 384)),
        dict(type='RandomFlip', prob=0.5),
        dict(type='PhotometricAugment'),
        dict(type='PackDepthInputs'),
    ],
)
# 8 metric and 8 relative images in each batch
mixed = dict(
    batch_size=16,
    dataset=dict(datasets=dict(relative=relative)),
    sampler=dict(type='MixedDatasetSampler', quotas=dict(metric=8, relative=8)),
)
# Its images alone beside a metric set, for a student: train_dataloader = {{_base_.unlabelled}}
unlabelled = dict(
    batch_size=16,
    dataset=dict(
        datasets=dict(
            unlabelled=dict(
                type='HRWSIDataset',
                data_root='data/hrwsi/',
                data_prefix=dict(img_path='train/imgs'),
                label_type='none',
                pipeline=relative['pipeline'],
            )
        )
    ),
    sampler=dict(type='MixedDatasetSampler', quotas=dict(metric=8, unlabelled=8)),
)
