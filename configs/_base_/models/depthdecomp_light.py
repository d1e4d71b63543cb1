# A small network for 96 x 128 images that trains on a CPU in minutes.
_base_ = './depthdecomp_effb5.py'
decoder = dict(channels=(128, 96, 64, 48, 32, 16))
model = dict(
    encoder=dict(
        _delete_=True, type='TimmEncoder', model_name='mobilenetv4_conv_small', pretrained=False
    ),
    gradient_decoder=decoder,
    normalized_decoder=decoder,
    metric_decoder=dict(
        **decoder, mdr=dict(patch_size=4, grid_size=(6, 8), embed_dims=64, feedforward_channels=256)
    ),
    channels_last=True,
)
