_base_ = './nyu_795_repeat.py'
model = {{_base_.baseline}}
phases = {{_base_.single_phase}}
