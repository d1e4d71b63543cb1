# Table 3, row 1 (Baseline), as many steps as both phases of the other rows
_base_ = './proposed.py'
model = {{_base_.baseline}}
train_cfg = dict(max_epochs=10, val_interval=10)
param_scheduler = {{_base_.single_phase_schedule}}
phases = {{_base_.single_phase}}
