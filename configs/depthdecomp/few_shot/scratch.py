# student.py from the encoder's pretrained weights alone, in both phases
_base_ = './student.py'
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_iters=90)
param_scheduler = [{{_base_.warm_up}}, dict(type='CosineAnnealingLR', by_epoch=False, T_max=90)]
phases = dict(
    phase1=dict(
        _delete_=True,
        model=dict(metric_decoder=None),
        train_cfg=dict(by_epoch=False, max_iters=60, val_interval=100_000),
        param_scheduler=[
            {{_base_.warm_up}},
            dict(type='CosineAnnealingLR', by_epoch=False, T_max=60),
        ],
        val_evaluator=[dict(type='KendallTau', pred_key='pred_normalized_map')],
        before='phase2',
    ),
)
