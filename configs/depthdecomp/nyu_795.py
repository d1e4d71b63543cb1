_base_ = './nyu_51k.py'
train_dataloader = dict(dataset=dict(datasets=dict(metric=dict(ann_file='nyu_795_train.txt'))))
