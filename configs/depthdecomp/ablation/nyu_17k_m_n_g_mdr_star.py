# Table 3, row 4: MDR*, the block without the mean
_base_ = '../nyu_17k.py'
model = dict(metric_decoder=dict(mdr=dict(predict_mean=False)))
