_base_ = ['./nyu_17k.py', '../_base_/datasets/hrwsi.py']
train_dataloader = {{_base_.mixed}}
