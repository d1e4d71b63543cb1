_base_ = ['./sunrgbd.py', '../_base_/datasets/hrwsi.py']
train_dataloader = {{_base_.mixed}}
