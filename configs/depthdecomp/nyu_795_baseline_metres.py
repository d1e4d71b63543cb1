# The Baseline that regresses metres, as the authors' released single-decoder network does.
_base_ = './nyu_795_baseline.py'
model = dict(representation='depth')
