# A stronger start of the encoder than the authors': EfficientNet-B5 of noisy students, trained with
# the images of JFT.
_base_ = './nyu_51k.py'
model = dict(encoder=dict(model_name='tf_efficientnet_b5.ns_jft_in1k'))
