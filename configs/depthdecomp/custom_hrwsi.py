_base_ = './custom.py'
train_dataloader = {{_base_.mixed}}
