# The rendered rooms alone, from which the teachers of the few-shot curve start.
_base_ = '../adapt.py'
rooms = '{{$ROOMS_ROOT:data/rooms}}/'
metric = dict(type='NYUDataset', data_root=rooms + 'nyu/', ann_file='train.txt')
train_dataloader = dict(
    dataset=dict(
        datasets=dict(
            metric=dict(_delete_=True, pipeline={{_base_.train_pipeline}}, **metric),
            relative={{_base_.mixed.dataset.datasets.relative}},
        )
    ),
    sampler=dict(quotas=dict(metric=4, relative=4)),
)
train_cfg = dict(max_iters=200)
param_scheduler = [{{_base_.warm_up}}, dict(type='CosineAnnealingLR', by_epoch=False, T_max=200)]
phases = dict(
    phase1=dict(
        train_cfg=dict(max_iters=250),
        param_scheduler=[
            {{_base_.warm_up}},
            dict(type='CosineAnnealingLR', by_epoch=False, T_max=250),
        ],
        train_dataloader=dict(batch_size=12, sampler=dict(quotas=dict(metric=6, relative=6))),
    )
)
val_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='NYUDataset',
        data_root=rooms + 'nyu/',
        ann_file='test.txt',
        test_mode=True,
        pipeline={{_base_.test_pipeline}},
    )
)
test_dataloader = val_dataloader
