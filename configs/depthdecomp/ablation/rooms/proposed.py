# Table 3, row 5 (Proposed): all decoders and the MDR block
_base_ = '../../rooms_256_small.py'
