# custom.py with the small network at 96 x 128 and the short schedule of rooms.py, for CPUs.
_base_ = './rooms.py'
dataset = dict(type='CustomDepthDataset', data_root='data/custom/')
train_set = dict(ann_file='train.txt', **dataset)
train_dataloader = dict(dataset=dict(datasets=dict(metric=train_set)))
val_dataloader = dict(batch_size=1, dataset=dict(ann_file='test.txt', **dataset))
test_dataloader = val_dataloader
