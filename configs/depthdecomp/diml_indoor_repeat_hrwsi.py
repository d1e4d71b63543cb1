_base_ = ['./diml_indoor_repeat.py', '../_base_/datasets/hrwsi.py']
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        datasets=[{{_base_.train_dataloader.dataset}}, {{_base_.relative_dataset}}],
    ),
    sampler=dict(_delete_=True, type='MixedDatasetSampler', batch_size=16, quotas=[8, 8]),
)
