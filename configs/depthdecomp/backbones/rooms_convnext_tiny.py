# ConvNeXt-T in place of the encoder.
_base_ = '../rooms_random.py'
model = dict(encoder=dict(model_name='convnext_tiny'))
