_base_ = ['./diml_indoor_repeat.py', '../_base_/datasets/hrwsi.py']
train_dataloader = {{_base_.mixed}}
