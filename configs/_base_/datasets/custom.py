# Frames of a camera of your own; see depthdecomp/custom.py.
_base_ = './nyu.py'
dataset = dict(type='CustomDepthDataset', data_root='data/custom/')
train_set = dict(ann_file='train.txt', **dataset)
train_dataloader = dict(dataset=dict(datasets=dict(metric=train_set)))
val_dataloader = dict(dataset=dict(ann_file='test.txt', eval_crop=None, **dataset))
test_dataloader = val_dataloader
