# The paper's two phases on the embedded data set, small enough for two CPU cores.
_base_ = [
    '../_base_/models/depthdecomp_light.py',
    '../_base_/datasets/rooms.py',
    '../_base_/schedules/two_phase_20e_15e.py',
    '../_base_/default_runtime.py',
]
optim_wrapper = dict(optimizer=dict(lr=1e-3))
