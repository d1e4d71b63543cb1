# Table 3, row 5 (Proposed)
_base_ = '../nyu_17k.py'
