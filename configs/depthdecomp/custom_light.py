# custom.py with the small network at 96 x 128 and the short schedule of rooms.py, for CPUs.
_base_ = './rooms.py'
data_root = 'data/custom/'

dataset = dict(type='CustomDepthDataset', data_root=data_root, min_depth=1e-3, max_depth=10.0)
train_dataloader = dict(dataset=dict(ann_file='train.txt', **dataset))
val_dataloader = dict(batch_size=1, dataset=dict(ann_file='test.txt', **dataset))
test_dataloader = val_dataloader
