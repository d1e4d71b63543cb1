_base_ = './rooms.py'
model = dict(
    gradient_decoder=None,
    normalized_decoder=None,
    metric_decoder=dict(mdr=None),
    losses=dict(loss_log_m=None),
)
phases = [dict(name='single_phase')]
