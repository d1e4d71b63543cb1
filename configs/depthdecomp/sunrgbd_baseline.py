_base_ = './sunrgbd.py'
model = {{_base_.baseline}}
phases = {{_base_.single_phase}}
