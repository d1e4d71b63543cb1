# The parent of configs for your own camera, which tools/dataset_converters/custom.py writes. They
# give what it cannot know: data_root, depth_scale, depth_range.
_base_ = [
    '../_base_/models/depthdecomp_effb5.py',
    '../_base_/datasets/custom.py',
    '../_base_/datasets/hrwsi.py',
    '../_base_/schedules/two_phase_20e_15e.py',
    '../_base_/default_runtime.py',
]
