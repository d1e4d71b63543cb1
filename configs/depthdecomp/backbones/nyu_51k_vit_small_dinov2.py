# ViT-S with DINOv2 weights in place of the encoder.
_base_ = '../nyu_51k.py'
model = dict(encoder=dict(type='TimmViTEncoder', model_name='vit_small_patch14_dinov2'))
