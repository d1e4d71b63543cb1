# A shipped config by name, under the host's command line, which does not know our package.
_base_ = __import__('depthdecomp_mm').__name__ + '::depthdecomp/rooms.py'

model = dict(encoder=dict(model_name='mobilenetv3_small_050'))
train_dataloader = dict(batch_size=4, num_workers=0, persistent_workers=False)
val_dataloader = dict(num_workers=0, persistent_workers=False)
val_evaluator = [dict(type='DepthMetric', crop=None)]
train_cfg = dict(max_epochs=1)
phases = dict(phase1=dict(val_evaluator=[]))
