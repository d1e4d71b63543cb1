# The authors' network `depth_decomp_effB5`: all decoders, no MDR block.
_base_ = '../nyu_795_hrwsi.py'
model = dict(
    encoder=dict(pretrained=False, same_padding_size=456),
    metric_decoder=dict(mdr=None),
    test_cfg=dict(flip_test=True),
)
