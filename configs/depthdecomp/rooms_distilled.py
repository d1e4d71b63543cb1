# A student with decoders of a third of the channels. It learns from the labels and, on images
# without any, from the network that rooms.py has trained; TEACHER names its checkpoint.
_base_ = './rooms.py'
train_dataloader = {{_base_.unlabelled}}
decoder = dict(channels=(48, 32, 24, 16, 16, 8))
model = dict(
    type='DistilledDecomposer',
    teacher=dict(
        model={{_base_.model}}, checkpoint='{{$TEACHER:work_dirs/rooms/phase2/epoch_6.pth}}'
    ),
    gradient_decoder=decoder,
    normalized_decoder=decoder,
    metric_decoder=decoder,
)
