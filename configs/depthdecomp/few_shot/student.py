# A few frames of one camera; starts from a teacher that has seen the rooms and other cameras.
_base_ = './real.py'
train_cfg = dict(max_iters=80)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [{{_base_.warm_up}}, dict(type='CosineAnnealingLR', by_epoch=False, T_max=80)]
