_base_ = [
    '../_base_/models/depthdecomp_effb5.py',
    '../_base_/datasets/diml_indoor.py',
    '../_base_/schedules/two_phase_20e_15e.py',
    '../_base_/default_runtime.py',
]
