# The synchronised set of 24,231 pairs with BTS's list, as most toolboxes have it: <scene>/... below
# data/nyu/sync, the list in data/nyu. Its depth is not filled.
_base_ = './nyu_51k.py'
synchronised = dict(
    ann_file='nyudepthv2_train_files_with_gt.txt',
    data_prefix=dict(img_path='sync', depth_map_path='sync'),
)
train_dataloader = dict(dataset=dict(datasets=dict(metric=synchronised)))
