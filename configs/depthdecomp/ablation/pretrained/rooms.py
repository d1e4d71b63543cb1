# All rows of configs/plans/rooms_pretrained.py start from this whole network.
_base_ = '../../rooms.py'
images = {{_base_.train_dataloader.dataset.datasets.metric}}
metric = dict(_delete_=True, type='RepeatDataset', times=1, dataset=images)
train_dataloader = dict(batch_size=8, num_workers=1, dataset=dict(datasets=dict(metric=metric)))
val_dataloader = dict(num_workers=1)
test_dataloader = dict(num_workers=1)
