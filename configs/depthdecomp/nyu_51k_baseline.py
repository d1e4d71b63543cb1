_base_ = './nyu_51k.py'
model = {{_base_.baseline}}
phases = {{_base_.single_phase}}
