# Why the MDR block loses on the rooms: learning rates that fall to 0, and a mean that is harder to
# overfit (0.28 is the mean of 1 / (metres + 1) in the 256 training images).
_base_ = './rooms.py'
seeds = (0, 1)
warm_up = dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=100)
fall = dict(type='PolyLR', power=1.0, by_epoch=True, convert_to_iter_based=True)
to_zero = {
    'phases.phase1.param_scheduler': [warm_up, dict(end=4, **fall)],
    'param_scheduler': [warm_up, dict(end=6, **fall)],
}
pooled_mean = {
    'model.metric_decoder.mdr.mean_head': 'pooled',
    'model.metric_decoder.mdr.initial_mean': 0.28,
    'model.metric_decoder.mdr.residual': True,
}
runs = dict(
    to_zero_m_n_g=dict(config='../depthdecomp/ablation/rooms/m_n_g.py', cfg_options=to_zero),
    to_zero_proposed=dict(config='../depthdecomp/ablation/rooms/proposed.py', cfg_options=to_zero),
    to_zero_pooled_mean=dict(
        config='../depthdecomp/ablation/rooms/proposed.py',
        cfg_options=dict(**to_zero, **pooled_mean),
    ),
    pooled_mean=dict(config='../depthdecomp/ablation/rooms/proposed.py', cfg_options=pooled_mean),
)
tables = [
    dict(
        title='The MDR block, 256 metric images',
        columns=('learning rate', 'Setting'),
        metrics=('rmse', 'abs_rel', 'd1', 'tau', 'whdr'),
        rows=[
            dict(run='m_n_g', cells=('in steps', 'M, N, G')),
            dict(run='proposed', cells=('in steps', '+ MDR')),
            dict(run='pooled_mean', cells=('in steps', '+ MDR, pooled mean, residual')),
            dict(run='to_zero_m_n_g', cells=('to 0', 'M, N, G')),
            dict(run='to_zero_proposed', cells=('to 0', '+ MDR')),
            dict(run='to_zero_pooled_mean', cells=('to 0', '+ MDR, pooled mean, residual')),
        ],
    ),
]
plots = []
