_base_ = './diml_indoor_repeat.py'
model = {{_base_.baseline}}
phases = {{_base_.single_phase}}
