# Phase 1 trains encoder, G-Net and N-Net; phase 2 everything, with a fresh optimiser.
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-4, weight_decay=1e-4))
train_cfg = dict(by_epoch=True, max_epochs=15, val_interval=1)
val_cfg = dict()
test_cfg = dict()
param_scheduler = [dict(type='StepLR', step_size=3, gamma=0.1, by_epoch=True)]
auto_scale_lr = dict(enable=False, base_batch_size=16)

phases = dict(
    phase1=dict(
        model=dict(metric_decoder=None),
        train_cfg=dict(max_epochs=20),
        param_scheduler=[dict(type='StepLR', step_size=5, gamma=0.1, by_epoch=True)],
        # without M-Net only the order of the normalized map can be judged
        val_evaluator=[dict(type='KendallTau', pred_key='pred_normalized_map')],
    ),
    phase2=dict(),
)
# Everything at once: phases = {{_base_.single_phase}}
single_phase = dict(phase1=None, phase2=None, single_phase=dict())
