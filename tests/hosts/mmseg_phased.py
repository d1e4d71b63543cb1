# In phases, under mmsegmentation's runtime, which names the visualizer for the whole process.
_base_ = './mmseg_config.py'
runner_type = 'depthdecomp_mm.PhasedRunner'
phases = dict(
    phase1=dict(
        model=dict(metric_decoder=None),
        val_evaluator=[
            dict(
                type='depthdecomp_mm.KendallTau',
                pred_key='pred_normalized_map',
                collect_device='cpu',
            )
        ],
    ),
    phase2=dict(),
)
