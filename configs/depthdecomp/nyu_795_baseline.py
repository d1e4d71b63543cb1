_base_ = './nyu_51k_baseline.py'
train_dataloader = dict(dataset=dict(datasets=dict(metric=dict(ann_file='nyu_795_train.txt'))))
