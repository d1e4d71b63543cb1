# Real frames of many rooms and sensors. Lines of train.txt and test.txt are `image depth`, in mm.
_base_ = './custom_light.py'
frames = dict(data_root='{{$FRAMES_ROOT:data/real_scenes}}/', depth_scale=1000)
train_dataloader = dict(dataset=dict(datasets=dict(metric=frames)))
val_dataloader = dict(dataset=frames)
test_dataloader = val_dataloader
# mean and typical deviation of 1 / (metres + 1) in a frame
model = dict(metric_decoder=dict(mdr=dict(initial_mean=0.37)))
default_hooks = dict(decoder_start=dict(scale=0.09, mean=0.37))
