# Real frames of one camera or more, whose lists `few_shot lists` writes; see plans/few_shot.py.
_base_ = '../adapt.py'
frames = '{{$FEW_SHOT_ROOT:data/few_shot}}/'
dataset = dict(data_root=frames, depth_scale=1000)
train_dataloader = dict(dataset=dict(datasets=dict(metric=dict(**dataset))))
val_dataloader = dict(dataset=dict(**dataset))
test_dataloader = val_dataloader
test_evaluator = [dict(type='DepthMetric'), dict(type='KendallTau')]
# starts from a network that has M-Net already
phases = dict(phase1=None)
