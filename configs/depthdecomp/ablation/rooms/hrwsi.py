# Table 3, row 6: 8 relative images of other cameras beside the 8 metric ones in each step
_base_ = './proposed.py'
train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[{{_base_.train_dataloader.dataset}}, {{_base_.relative_dataset}}],
    ),
    sampler=dict(_delete_=True, type='MixedDatasetSampler', batch_size=16, quotas=[8, 8]),
)
