# The same in phases.
_base_ = './config.py'
runner_type = 'depthdecomp_mm.PhasedRunner'
phases = [
    dict(
        name='phase1',
        model=dict(metric_decoder=None),
        val_evaluator=[dict(type='depthdecomp_mm.KendallTau', pred_key='pred_normalized_map')],
    ),
    dict(name='phase2'),
]
