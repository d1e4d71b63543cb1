# student.py with frames of the same camera that the teacher labelled in half of each batch
_base_ = './student.py'
train_dataloader = dict(
    dataset=dict(datasets=dict(relative={{_base_.mixed.dataset.datasets.relative}})),
    sampler=dict(quotas=dict(metric=2, relative=2)),
)
