# Table 3, row 1 (Baseline), as many steps as both phases of the other rows
_base_ = './proposed.py'
model = dict(
    gradient_decoder=None,
    normalized_decoder=None,
    metric_decoder=dict(mdr=None),
    losses=dict(loss_log_m=None),
)
train_cfg = dict(max_epochs=10, val_interval=10)
param_scheduler = [
    {{_base_.warm_up}},
    dict(type='StepLR', step_size=3, gamma=0.4, by_epoch=True),
]
phases = [dict(name='single_phase')]
