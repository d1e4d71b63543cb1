# Table 3, row 2: M-Net guided by N-Net
_base_ = './proposed.py'
model = dict(gradient_decoder=None, metric_decoder=dict(mdr=None))
