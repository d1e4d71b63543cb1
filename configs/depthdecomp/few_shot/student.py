# A few frames of one camera; starts from a teacher that has seen the rooms and other cameras.
_base_ = './real.py'
train_dataloader = dict(batch_size=4, sampler=dict(quotas=dict(metric=4)))
train_cfg = dict(max_iters=60)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [{{_base_.warm_up}}, dict(type='CosineAnnealingLR', by_epoch=False, T_max=60)]
default_hooks = dict(checkpoint=dict(save_optimizer=False))
