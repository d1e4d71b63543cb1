# Table 4 'Single-phase': the entire network at once
_base_ = '../nyu_17k_hrwsi.py'
phases = {{_base_.single_phase}}
