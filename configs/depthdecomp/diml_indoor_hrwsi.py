_base_ = ['./diml_indoor.py', '../_base_/datasets/hrwsi.py']
train_dataloader = {{_base_.mixed}}
