# Table 3, row 3: all decoders, no MDR block
_base_ = './proposed.py'
model = dict(metric_decoder=dict(mdr=None))
