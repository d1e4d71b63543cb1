default_scope = 'depthdecomp_mm'
runner_type = 'depthdecomp_mm.PhasedRunner'

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    logger=dict(type='LoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    checkpoint=dict(type='CheckpointHook', interval=1, max_keep_ckpts=3),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    sync_buffers=dict(type='SyncBuffersHook'),  # without SyncBatchNorm each rank has its own
    visualization=dict(type='DepthVisualizationHook', draw=True, interval=50),
    loss_check=dict(type='NonFiniteLossHook'),
    bad_samples=dict(type='BadSampleHook'),
    flat_maps=dict(type='FlatMapHook'),
)
custom_hooks = [dict(type='FirstBatchHook')]

# Crop and depth range of the evaluation are the data set's.
val_evaluator = [dict(type='DepthMetric'), dict(type='KendallTau'), dict(type='WHDR')]
test_evaluator = val_evaluator

env_cfg = dict(
    cudnn_benchmark=True,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    dist_cfg=dict(backend='nccl'),
)

# TensorBoard, where it is installed: visualizer.vis_backends.0.type=TensorboardVisBackend
vis_backends = [dict(type='LocalVisBackend')]
visualizer = dict(type='DepthVisualizer', vis_backends=vis_backends)
log_processor = dict(type='LogProcessor', window_size=50, by_epoch=True)
log_level = 'INFO'

randomness = dict(seed=0)
sync_bn = 'torch'  # BatchNorm layers share their statistics between GPUs
load_from = None
resume = False
