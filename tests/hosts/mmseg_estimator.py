# mmsegmentation's own DepthEstimator on the same data: the same metrics, and two losses of ours.
_base_ = './mmseg_config.py'
model = dict(
    _delete_=True,
    type='DepthEstimator',
    data_preprocessor=_base_.model.data_preprocessor,
    backbone=dict(type='ResNet', depth=18),
    decode_head=dict(
        type='VPDDepthHead',
        in_channels=[64, 128, 256, 512],
        embed_dim=16,
        feature_dim=128,
        loss_decode=[
            dict(type='SiLogLoss'),
            dict(type='depthdecomp_mm.L1Loss', loss_weight=0.1),
            dict(type='depthdecomp_mm.MultiScaleGradientLoss'),
        ],
    ),
    test_cfg=dict(mode='whole'),
)
