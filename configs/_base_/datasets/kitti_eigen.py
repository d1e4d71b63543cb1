# Eigen's split of KITTI; the lists come from tools/dataset_converters/kitti.py.
_base_ = './nyu.py'
dataset = dict(type='KITTIDataset', data_root='data/kitti/')
scale = (1056, 320)  # the shape of the frames, which have about 375 x 1242 pixels

train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadDepthAnnotation'),
    dict(type='Resize', scale=scale),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotometricAugment'),
    dict(type='PackDepthInputs'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='Resize', scale=scale),
    dict(type='LoadDepthAnnotation'),
    dict(type='PackDepthInputs'),
]
train_set = dict(ann_file='kitti_eigen_train.txt', pipeline=train_pipeline, **dataset)
train_dataloader = dict(dataset=dict(datasets=dict(metric=train_set)))
val_dataloader = dict(
    dataset=dict(
        ann_file='kitti_eigen_test.txt',
        eval_crop='garg',  # or 'eigen'
        pipeline=test_pipeline,
        **dataset,
    )
)
test_dataloader = val_dataloader
depth_range = dict(max_depth=80.0)
