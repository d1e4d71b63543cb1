# Eq. 10 as it is printed: the mean of M-Net's map, not that which the MDR block regresses
_base_ = '../nyu_17k.py'
model = dict(losses=dict(loss_mu=dict(_delete_=True, type='MeanL1Loss', branch='metric')))
