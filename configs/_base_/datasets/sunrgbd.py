# SUN RGB-D as downloaded; the lists come from tools/dataset_converters/sunrgbd.py.
_base_ = './nyu.py'
data_root = 'data/sunrgbd/'

dataset = dict(type='SUNRGBDDataset', data_root=data_root)
train_dataloader = dict(dataset=dict(ann_file='sunrgbd_train.txt', **dataset))
val_dataloader = dict(dataset=dict(ann_file='sunrgbd_test.txt', **dataset))
test_dataloader = val_dataloader

protocol = dict(crop=None, min_depth=1e-3, max_depth=10.0)
val_evaluator = [
    dict(type='DepthMetric', **protocol),
    dict(type='KendallTau', **protocol),
    dict(type='WHDR', **protocol),
]
test_evaluator = val_evaluator
