# The teachers of few_shot.py: one that knows the rooms alone, and from it one for each camera that
# knows the rooms and the other cameras. They need its checkpoint, so run `rooms` first.
metrics = ('abs_rel', 'tau', 'rmse', 'd1')
runs = dict(
    rooms=dict(config='../depthdecomp/few_shot/rooms_mixed.py'),
    **{
        f'{camera}_teacher': dict(
            config='../depthdecomp/few_shot/teacher_mixed.py',
            cfg_options={
                'train_dataloader.dataset.datasets.metric.ann_file': f'{camera}/teacher.txt',
                'val_dataloader.dataset.ann_file': f'{camera}/test.txt',
                'test_dataloader.dataset.ann_file': f'{camera}/test.txt',
            },
        )
        for camera in ('kinect', 'primesense', 'xtion')
    },
)
tables = [
    dict(
        title='Networks that have not seen the camera',
        columns=('tested on',),
        metrics=metrics,
        rows=[
            dict(run='rooms', cells=('160 test rooms',)),
            *(
                dict(run=f'{camera}_teacher', cells=(camera,))
                for camera in ('kinect', 'primesense', 'xtion')
            ),
        ],
    )
]
