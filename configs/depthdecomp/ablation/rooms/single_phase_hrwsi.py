# Table 4 'Single-phase': the entire network at once, as many steps as in two phases
_base_ = './hrwsi.py'
train_cfg = dict(max_epochs=10, val_interval=10)
param_scheduler = {{_base_.single_phase_schedule}}
phases = {{_base_.single_phase}}
