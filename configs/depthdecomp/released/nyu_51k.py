# The authors' network `depth_effB5`: encoder and M-Net, which regresses metres.
_base_ = '../nyu_51k_baseline.py'
model = dict(
    encoder=dict(pretrained=False, same_padding_size=456),
    representation='depth',
    test_cfg=dict(flip_test=True),
)
