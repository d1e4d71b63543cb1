# The small network of custom_light.py, which `depthdecomp adapt` trains. It counts steps in place
# of epochs, and every batch is full, however few the frames are.
_base_ = './custom_light.py'
warm_up = dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=20)
train_cfg = dict(_delete_=True, by_epoch=False, max_iters=200, val_interval=100_000)
param_scheduler = [warm_up, dict(type='CosineAnnealingLR', by_epoch=False, T_max=200)]
phases = dict(
    phase1=dict(
        train_cfg=dict(_delete_=True, by_epoch=False, max_iters=100, val_interval=100_000),
        param_scheduler=[warm_up, dict(type='CosineAnnealingLR', by_epoch=False, T_max=100)],
    )
)
train_dataloader = dict(
    batch_size=8,
    num_workers=0,
    persistent_workers=False,
    sampler=dict(_delete_=True, type={{_base_.mixed.sampler.type}}, quotas=dict(metric=8)),
)
val_dataloader = dict(num_workers=0, persistent_workers=False)
test_dataloader = val_dataloader
mixed = dict(batch_size=8, sampler=dict(quotas=dict(metric=4, relative=4)))
log_processor = dict(by_epoch=False)
default_hooks = dict(
    checkpoint=dict(by_epoch=False, interval=100, max_keep_ckpts=2),
    logger=dict(interval=10),
    visualization=dict(draw=False),
)
