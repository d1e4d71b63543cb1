_base_ = './rooms.py'
model = {{_base_.baseline}}
phases = {{_base_.single_phase}}
