# Table 3, row 2: M-Net guided by N-Net
_base_ = '../nyu_17k.py'
model = dict(gradient_decoder=None, metric_decoder=dict(mdr=None))
