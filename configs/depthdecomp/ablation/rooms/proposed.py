# The paper's Table 3 at a small size, row 5: all decoders and the MDR block. Every row takes the
# same number of steps of 8 metric images, however many images they come from (times x indices).
_base_ = './data.py'
decoder = dict(channels=(96, 64, 48, 32, 24, 16))
model = dict(
    gradient_decoder=decoder,
    normalized_decoder=decoder,
    metric_decoder=decoder,
)
train_dataloader = dict(
    batch_size=8,
    num_workers=1,
    dataset=dict(
        _delete_=True,
        type='RepeatDataset',
        times=4,
        dataset={{_base_.train_dataloader.dataset}},
    ),
)
val_dataloader = dict(num_workers=1)
test_dataloader = dict(num_workers=1)
train_cfg = dict(max_epochs=6, val_interval=6)
phases = [
    dict(
        name='phase1',
        model=dict(metric_decoder=None),
        train_cfg=dict(max_epochs=4, val_interval=4),
        val_evaluator=[dict(type='KendallTau', pred_key='pred_normalized_map')],
    ),
    dict(name='phase2'),
]
