_base_ = './nyu_51k_baseline.py'
train_dataloader = dict(dataset=dict(ann_file='nyu_17k_train.txt'))
