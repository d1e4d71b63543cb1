_base_ = ['./nyu_795_repeat.py', '../_base_/datasets/hrwsi.py']
train_dataloader = {{_base_.mixed}}
