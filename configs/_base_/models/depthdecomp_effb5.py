# The whole network at 384 x 512 (Fig. 2 of the paper), as the authors released it.
model = dict(
    type='DepthDecomposer',
    data_preprocessor=dict(type='DepthDataPreprocessor'),
    encoder=dict(
        type='TimmEncoder',
        model_name='tf_efficientnet_b5.aa_in1k',  # weights of AutoAugment on ImageNet alone
        pretrained=True,
        model_args=dict(tf_efficientnet_b5=dict(drop_path_rate=0.2, bn_momentum=0.01)),
    ),
    gradient_decoder=dict(type='DepthDecoder'),
    normalized_decoder=dict(type='DepthDecoder'),
    metric_decoder=dict(type='DepthDecoder', mdr=dict(type='MDRBlock', grid_size=(12, 16))),
    losses=dict(
        loss_g=dict(type='L1Loss', branch='gradients', loss_weight=1.0),
        loss_n=dict(type='L1Loss', branch='normalized', loss_weight=1.0),
        loss_n_grad=dict(type='MultiScaleGradientLoss', branch='normalized', loss_weight=1.0),
        loss_m=dict(type='L1Loss', branch='metric', loss_weight=1.0),
        loss_m_grad=dict(type='MultiScaleGradientLoss', branch='metric', loss_weight=1.0),
        loss_mu=dict(type='L1Loss', branch='mean', loss_weight=1.0),
        loss_log_m=dict(type='LogL1Loss', branch='metric', loss_weight=1.0),
    ),
    representation='inverse',
    test_cfg=dict(flip_test=False),
)

# The paper's Baseline: model = {{_base_.baseline}} and phases = {{_base_.single_phase}}.
# It is trained with L_M, L_Mx and L_My only.
baseline = dict(
    gradient_decoder=None,
    normalized_decoder=None,
    metric_decoder=dict(mdr=None),
    losses=dict(loss_log_m=None),
)
