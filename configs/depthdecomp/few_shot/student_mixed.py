# student.py with as many frames of the same camera beside, which the teacher labelled
_base_ = './student.py'
train_dataloader = dict(
    batch_size=8,
    dataset=dict(datasets=dict(relative={{_base_.mixed.dataset.datasets.relative}})),
    sampler=dict(quotas=dict(metric=4, relative=4)),
)
