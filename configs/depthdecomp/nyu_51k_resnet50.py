_base_ = './nyu_51k.py'
model = dict(encoder=dict(model_name='resnet50'))
