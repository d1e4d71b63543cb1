# Table 3, row 4: MDR*, the block without the mean
_base_ = './proposed.py'
model = dict(metric_decoder=dict(mdr=dict(predict_mean=False)))
