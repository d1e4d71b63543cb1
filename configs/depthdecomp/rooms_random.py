# The paper's two phases on the embedded data set, small enough for two CPU cores, from random
# weights. The plans on rooms and backbones/ start from it.
_base_ = [
    '../_base_/models/depthdecomp_light.py',
    '../_base_/datasets/rooms.py',
    '../_base_/schedules/two_phase_20e_15e.py',
    '../_base_/default_runtime.py',
]
optim_wrapper = dict(optimizer=dict(lr=2e-3))
train_cfg = dict(max_epochs=6, val_interval=2)
# Without warm-up the MDR block's outputs grow within the first steps of phase 2 until the last ReLU
# of M-Net is zero everywhere, and M-Net gives nothing but the mean from then on.
warm_up = dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100)
param_scheduler = [warm_up, dict(type='StepLR', step_size=2, gamma=0.4, by_epoch=True)]
phases = dict(
    phase1=dict(train_cfg=dict(max_epochs=4, val_interval=2), param_scheduler=param_scheduler)
)
