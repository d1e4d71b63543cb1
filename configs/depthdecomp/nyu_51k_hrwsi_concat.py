# An epoch is one pass over both sets, shuffled together: a batch holds whatever comes.
_base_ = './nyu_51k_hrwsi.py'
train_dataloader = dict(sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True))
