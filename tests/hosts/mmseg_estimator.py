# mmsegmentation's own DepthEstimator on the same data, with the same metrics.
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
    ),
    test_cfg=dict(mode='whole'),
)
