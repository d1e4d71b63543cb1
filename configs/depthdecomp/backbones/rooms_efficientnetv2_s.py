# EfficientNetV2-S in place of the encoder; its weights expect images in -1 to 1.
_base_ = '../rooms_random.py'
model = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3),
    encoder=dict(model_name='tf_efficientnetv2_s'),
)
