# Table 3, row 6: 8 relative images of other cameras beside the 8 metric ones in each step
_base_ = './proposed.py'
train_dataloader = {{_base_.mixed}}
