# The few-shot curve on real frames: see docs/adapt.md. The lists, the teachers of
# few_shot_teachers.py and their labels come first.
seeds = (0, 1, 2)
metrics = ('abs_rel', 'tau', 'rmse', 'd1')
root = '{{$FEW_SHOT_ROOT:data/few_shot}}/'
teachers = '{{$FEW_SHOT_RUNS:work_dirs/few_shot}}/'
# metric frames of each camera; the last number is all that there are
frames = dict(kinect=(4, 16, 64, 110), primesense=(4, 16, 29), xtion=(4, 16, 31))
# folder of the labels of each kind: of the teacher, or of the network that <count>_alone gave
labels = dict(alone=None, unlabelled='labels', relabelled='labels_{count}')
alone, mixed = (f'../depthdecomp/few_shot/{name}.py' for name in ('student', 'student_mixed'))
relative = 'train_dataloader.dataset.datasets.relative.data_root'
lengths = {'': {}, '_long': {'train_cfg.max_iters': 150, 'param_scheduler.1.T_max': 150}}
runs = {
    f'{camera}_{count}_{kind}{length}': dict(
        config=mixed if folder else alone,
        cfg_options={
            'load_from': f'{teachers}{camera}_teacher/seed_0/phase2/iter_120.pth',
            'train_dataloader.dataset.datasets.metric.ann_file': f'{camera}/train.txt',
            'train_dataloader.dataset.datasets.metric.indices': count,
            'val_dataloader.dataset.ann_file': f'{camera}/test.txt',
            'test_dataloader.dataset.ann_file': f'{camera}/test.txt',
        }
        | ({relative: root + f'{camera}/{folder.format(count=count)}'} if folder else {})
        | steps,
    )
    for camera, counts in frames.items()
    for count in counts
    for kind, folder in labels.items()
    for length, steps in lengths.items()
}
tables = [
    dict(
        title=camera,
        columns=('metric frames', 'others', 'steps'),
        metrics=metrics,
        rows=[
            dict(
                run=f'{camera}_{count}_{kind}{length}',
                cells=(str(count), kind, str(steps.get('train_cfg.max_iters', 60))),
            )
            for length, steps in lengths.items()
            for count in counts
            for kind in labels
        ],
    )
    for camera, counts in frames.items()
]
