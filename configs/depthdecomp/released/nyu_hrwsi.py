# The authors' network `depth_decomp_effB5_mdr`: the whole network.
_base_ = '../nyu_51k_hrwsi.py'
model = dict(
    encoder=dict(pretrained=False, same_padding_size=456),
    test_cfg=dict(flip_test=True),
)
