# M-Net alone, which needs nothing but the LiDAR's points.
_base_ = [
    '../_base_/models/depthdecomp_effb5.py',
    '../_base_/datasets/kitti_eigen.py',
    '../_base_/schedules/two_phase_20e_15e.py',
    '../_base_/default_runtime.py',
]
model = {{_base_.baseline}}
phases = {{_base_.single_phase}}
