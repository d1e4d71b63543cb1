# MobileNetV4-S in place of the encoder.
_base_ = '../rooms.py'
model = dict(encoder=dict(model_name='mobilenetv4_conv_small'))
