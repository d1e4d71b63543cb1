_base_ = ['./nyu_795.py', '../_base_/datasets/hrwsi.py']
train_dataloader = {{_base_.mixed}}
