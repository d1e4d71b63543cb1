# An epoch is 10 passes, so that there are nearly as many steps as with NYUv2 17K.
_base_ = './diml_indoor.py'
metric = dict(
    _delete_=True,
    type='RepeatDataset',
    times=10,
    dataset={{_base_.train_dataloader.dataset.datasets.metric}},
)
train_dataloader = dict(dataset=dict(datasets=dict(metric=metric)))
