# MobileNetV4-S is the encoder of rooms_random.py itself; it is named here to be one of the six.
_base_ = '../rooms_random.py'
model = dict(encoder=dict(model_name='mobilenetv4_conv_small'))
