# HR-WSI as relative data beside a metric set; see nyu_51k_hrwsi.py for its use.
relative_dataset = dict(
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
