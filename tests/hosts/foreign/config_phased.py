# The same in phases.
_base_ = './config.py'
runner_type = 'depthdecomp_mm.PhasedRunner'
phases = dict(
    phase1=dict(
        model=dict(metric_decoder=None),
        val_evaluator=[dict(type='depthdecomp_mm.KendallTau', pred_key='pred_normalized_map')],
    ),
    phase2=dict(),
)
