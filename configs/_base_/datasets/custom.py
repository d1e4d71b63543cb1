# Frames of a camera of your own; see depthdecomp/custom.py.
_base_ = './nyu.py'
data_root = 'data/custom/'

dataset = dict(type='CustomDepthDataset', data_root=data_root, min_depth=1e-3, max_depth=10.0)
train_dataloader = dict(dataset=dict(ann_file='train.txt', **dataset))
val_dataloader = dict(dataset=dict(ann_file='test.txt', **dataset))
test_dataloader = val_dataloader

protocol = dict(crop=None, min_depth=1e-3, max_depth=10.0)
val_evaluator = [
    dict(type='DepthMetric', **protocol),
    dict(type='KendallTau', **protocol),
    dict(type='WHDR', **protocol),
]
test_evaluator = val_evaluator
