# Real frames of many rooms and sensors; lists of lines `image depth [focal]`, depth in millimetres.
_base_ = './custom_light.py'
frames = dict(data_root='{{$FRAMES_ROOT:data/real_scenes}}/', depth_scale=1000)
train_dataloader = dict(dataset=dict(datasets=dict(metric=frames)))
val_dataloader = dict(dataset=frames)
test_dataloader = val_dataloader
