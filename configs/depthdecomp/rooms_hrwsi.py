_base_ = './rooms.py'
train_dataloader = {{_base_.mixed}}
