# The few-shot curve on real frames: see docs/adapt.md. The lists, the teachers of
# few_shot_teachers.py and their labels come first.
seeds = (0, 1, 2)
metrics = ('abs_rel', 'tau', 'rmse', 'd1')
root = '{{$FEW_SHOT_ROOT:data/few_shot}}/'
teachers = '{{$FEW_SHOT_RUNS:work_dirs/few_shot}}/'
# metric frames of each camera; the last number is all that there are
frames = dict(kinect=(4, 16, 64, 110), primesense=(4, 16, 29), xtion=(4, 16, 31))
configs = dict(
    alone='../depthdecomp/few_shot/student.py',
    unlabelled='../depthdecomp/few_shot/student_mixed.py',
)
runs = {
    f'{camera}_{count}_{kind}': dict(
        config=config,
        cfg_options={
            'load_from': f'{teachers}{camera}_teacher/seed_0/phase2/iter_120.pth',
            'train_dataloader.dataset.datasets.metric.ann_file': f'{camera}/train.txt',
            'train_dataloader.dataset.datasets.metric.indices': count,
            'val_dataloader.dataset.ann_file': f'{camera}/test.txt',
            'test_dataloader.dataset.ann_file': f'{camera}/test.txt',
        }
        | (
            {'train_dataloader.dataset.datasets.relative.data_root': f'{root}{camera}/labels'}
            if kind == 'unlabelled'
            else {}
        ),
    )
    for camera, counts in frames.items()
    for count in counts
    for kind, config in configs.items()
}
tables = [
    dict(
        title=camera,
        columns=('metric frames', 'unlabelled'),
        metrics=metrics,
        rows=[
            dict(run=f'{camera}_{count}_{kind}', cells=(str(count), '✓' * (kind == 'unlabelled')))
            for count in counts
            for kind in configs
        ],
    )
    for camera, counts in frames.items()
]
