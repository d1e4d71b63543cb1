# 256 metric images of one camera
_base_ = './rooms_random.py'
train_dataloader = dict(dataset=dict(datasets=dict(metric=dict(indices=256))))
