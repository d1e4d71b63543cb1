# Table 3, row 6, and Table 4 'Proposed'
_base_ = '../nyu_17k_hrwsi.py'
