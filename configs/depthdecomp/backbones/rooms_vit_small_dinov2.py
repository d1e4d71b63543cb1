# ViT-S in place of the encoder; set model.encoder.pretrained=True for DINOv2 weights.
_base_ = '../rooms_random.py'
model = dict(encoder=dict(type='TimmViTEncoder', model_name='vit_small_patch14_dinov2'))
