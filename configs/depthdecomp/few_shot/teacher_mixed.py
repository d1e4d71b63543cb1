# The rooms and the cameras of a list: starts from what rooms_mixed.py trained.
_base_ = './real.py'
rooms = '{{$ROOMS_ROOT:data/rooms}}/'
load_from = '{{$FEW_SHOT_RUNS:work_dirs/few_shot}}/rooms/seed_0/phase2/iter_200.pth'
train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        datasets=dict(
            rooms=dict(
                type='NYUDataset',
                data_root=rooms + 'nyu/',
                ann_file='train.txt',
                pipeline={{_base_.train_pipeline}},
            ),
            relative={{_base_.mixed.dataset.datasets.relative}},
        )
    ),
    sampler=dict(quotas=dict(metric=5, rooms=2, relative=1)),
)
train_cfg = dict(max_iters=120)
param_scheduler = [{{_base_.warm_up}}, dict(type='CosineAnnealingLR', by_epoch=False, T_max=120)]
