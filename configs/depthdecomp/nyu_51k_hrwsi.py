_base_ = ['./nyu_51k.py', '../_base_/datasets/hrwsi.py']
train_dataloader = {{_base_.mixed}}
