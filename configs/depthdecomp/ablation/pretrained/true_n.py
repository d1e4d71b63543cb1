# M-Net guided by the true normalized map, which no network has: the most that N-Net could give
_base_ = './rooms.py'
custom_imports = dict(imports=['depthdecomp_mm.workshop.truth_guide'])
guide = dict(_delete_=True, type='TruthGuide', channels=(128, 96, 64, 48))
model = dict(type='TruthGuidedDecomposer', normalized_decoder=guide)
