# Table 3, row 1 (Baseline)
_base_ = '../nyu_17k_baseline.py'
