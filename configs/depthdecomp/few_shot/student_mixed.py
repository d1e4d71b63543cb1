# student.py with frames of the same camera that the teacher labelled in half of each batch
_base_ = './student.py'
train_dataloader = {{_base_.mixed}}
