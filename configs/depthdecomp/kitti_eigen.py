# LiDAR measures a part of the pixels. G, N and the mean learn from dense relative maps of the
# training frames, which any network may have made: of raw/<path>.png, relative/raw/<path>.png.
_base_ = [
    '../_base_/models/depthdecomp_effb5.py',
    '../_base_/datasets/kitti_eigen.py',
    '../_base_/schedules/two_phase_20e_15e.py',
    '../_base_/default_runtime.py',
]
model = dict(metric_decoder=dict(mdr=dict(grid_size=(10, 33))))
relative_maps = dict(data_prefix=dict(relative_map_path='relative'), relative_encoding='disparity')
train_dataloader = dict(dataset=dict(datasets=dict(metric=relative_maps)))
