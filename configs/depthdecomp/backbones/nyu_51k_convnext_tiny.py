# ConvNeXt-T in place of the encoder.
_base_ = '../nyu_51k.py'
model = dict(encoder=dict(model_name='convnext_tiny'))
