# Swin-T in place of the encoder.
_base_ = '../rooms_random.py'
model = dict(encoder=dict(model_name='swin_tiny_patch4_window7_224'))
