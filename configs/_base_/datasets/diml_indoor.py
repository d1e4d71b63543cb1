# DIML-Indoor as downloaded; the lists come from tools/dataset_converters/diml_indoor.py.
_base_ = './nyu.py'
dataset = dict(type='DIMLIndoorDataset', data_root='data/diml_indoor/')
train_set = dict(ann_file='diml_indoor_train.txt', **dataset)
train_dataloader = dict(dataset=dict(datasets=dict(metric=train_set)))
val_dataloader = dict(dataset=dict(ann_file='diml_indoor_test.txt', eval_crop=None, **dataset))
test_dataloader = val_dataloader
