_base_ = './diml_indoor.py'
model = dict(
    gradient_decoder=None,
    normalized_decoder=None,
    metric_decoder=dict(mdr=None),
    losses=dict(loss_log_m=None),  # the paper trains Baseline with L_M, L_Mx and L_My only
)
phases = [dict(name='single_phase')]
