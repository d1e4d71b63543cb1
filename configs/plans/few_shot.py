# The few-shot curve on real frames: see docs/adapt.md. The lists, the teachers of
# few_shot_teachers.py and their labels come first.
seeds = (0, 1, 2)
metrics = ('abs_rel', 'tau', 'rmse', 'd1')
root = '{{$FEW_SHOT_ROOT:data/few_shot}}/'
teachers = '{{$FEW_SHOT_RUNS:work_dirs/few_shot}}/'
# metric frames of each camera; the last number is all that there are
frames = dict(kinect=(4, 16, 64, 110), primesense=(4, 16, 29), xtion=(4, 16, 31))
# config of each kind, and the folder of its labels: those of the teacher, or of the network that
# <count>_alone or <count>_scratch gave in as many steps
kinds = dict(
    alone=('student', None),
    unlabelled=('student_mixed', 'labels'),
    relabelled=('student_mixed', 'labels_{count}{length}'),
    scratch=('scratch', None),
    scratch_unlabelled=('scratch_mixed', 'labels'),
    scratch_relabelled=('scratch_mixed', 'labels_{count}_scratch'),
)
lengths = {'': {}, '_long': {'train_cfg.max_iters': 150, 'param_scheduler.1.T_max': 150}}
relative = 'train_dataloader.dataset.datasets.relative.data_root'
runs = {
    f'{camera}_{count}_{kind}{length}': dict(
        config=f'../depthdecomp/few_shot/{config}.py',
        cfg_options={
            'train_dataloader.dataset.datasets.metric.ann_file': f'{camera}/train.txt',
            'train_dataloader.dataset.datasets.metric.indices': count,
            'val_dataloader.dataset.ann_file': f'{camera}/test.txt',
            'test_dataloader.dataset.ann_file': f'{camera}/test.txt',
        }
        | (
            {}
            if 'scratch' in kind
            else {'load_from': f'{teachers}{camera}_teacher/seed_0/phase2/iter_120.pth'}
        )
        | (
            {relative: root + f'{camera}/{folder.format(count=count, length=length)}'}
            if folder
            else {}
        )
        | steps,
    )
    for camera, counts in frames.items()
    for count in counts
    for kind, (config, folder) in kinds.items()
    for length, steps in lengths.items()
    if not (length and 'scratch' in kind)
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
            for kind in kinds
            if not (length and 'scratch' in kind)
        ],
    )
    for camera, counts in frames.items()
]
