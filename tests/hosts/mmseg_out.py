# mmsegmentation's own metric alone, as its tools/test.py --out needs it.
_base_ = './mmseg_config.py'
test_evaluator = dict(_delete_=True, type='DepthMetric', depth_scale_factor=1000.0)
