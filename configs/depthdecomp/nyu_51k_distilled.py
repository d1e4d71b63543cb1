# The network for CPUs at 384 x 512. It learns from the labels and, on images without any, from the
# network that nyu_51k_hrwsi.py has trained; TEACHER names its checkpoint.
_base_ = ['./nyu_51k.py', '../_base_/datasets/hrwsi.py']
train_dataloader = {{_base_.unlabelled}}
decoder = dict(channels=(128, 96, 64, 48, 32, 16))
model = dict(
    type='DistilledDecomposer',
    teacher=dict(
        model={{_base_.model}},
        checkpoint='{{$TEACHER:work_dirs/nyu_51k_hrwsi/phase2/epoch_15.pth}}',
    ),
    encoder=dict(model_name='mobilenetv4_conv_small'),
    gradient_decoder=decoder,
    normalized_decoder=decoder,
    metric_decoder=decoder,
)
