# SUN RGB-D as downloaded; the lists come from tools/dataset_converters/sunrgbd.py.
_base_ = './nyu.py'
dataset = dict(type='SUNRGBDDataset', data_root='data/sunrgbd/')
train_set = dict(ann_file='sunrgbd_train.txt', **dataset)
train_dataloader = dict(dataset=dict(datasets=dict(metric=train_set)))
val_dataloader = dict(dataset=dict(ann_file='sunrgbd_test.txt', eval_crop=None, **dataset))
test_dataloader = val_dataloader
