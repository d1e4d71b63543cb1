# The paper's Table 3 at a small size, in ablation/rooms: a smaller network, and the same number of
# steps of 8 metric images in every row, however many images they come from (times x indices).
_base_ = './rooms_256.py'
decoder = dict(channels=(96, 64, 48, 32, 24, 16))
model = dict(
    gradient_decoder=decoder,
    normalized_decoder=decoder,
    metric_decoder=decoder,
)
metric = dict(
    _delete_=True,
    type='RepeatDataset',
    times=4,
    dataset={{_base_.train_dataloader.dataset.datasets.metric}},
)
train_dataloader = dict(batch_size=8, num_workers=1, dataset=dict(datasets=dict(metric=metric)))
val_dataloader = dict(num_workers=1)
test_dataloader = dict(num_workers=1)
train_cfg = dict(max_epochs=6, val_interval=6)
phases = dict(phase1=dict(train_cfg=dict(val_interval=4)))
# of the rows that train everything at once
single_phase_schedule = [
    {{_base_.warm_up}},
    dict(type='StepLR', step_size=3, gamma=0.4, by_epoch=True),
]
