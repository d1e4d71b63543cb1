# 8 relative images of the rooms beside the 8 metric ones in each step
_base_ = './frames.py'
train_dataloader = {{_base_.mixed}}
