# What rooms.py leaves open: does M, N owe its gain to the logarithmic loss, which the paper's
# Baseline does without? Do G-Net and the MDR block gain with more images, more steps or relative
# data?
_base_ = './rooms.py'
long = {'train_dataloader.dataset.datasets.metric.times': 8}
log_loss = {
    'model.losses.loss_log_m': dict(
        _delete_=True, type='LogL1Loss', branch='metric', loss_weight=1.0
    ),
}
runs = dict(
    baseline_log=dict(config='../depthdecomp/ablation/rooms/baseline.py', cfg_options=log_loss),
    many_m_n=dict(
        config='../depthdecomp/ablation/rooms/m_n.py', cfg_options={{_base_.many}}, seeds=(0, 1)
    ),
    many_m_n_g=dict(
        config='../depthdecomp/ablation/rooms/m_n_g.py', cfg_options={{_base_.many}}, seeds=(0, 1)
    ),
    long_baseline=dict(
        config='../depthdecomp/ablation/rooms/baseline.py', cfg_options=long, seeds=(0, 1)
    ),
    long_m_n=dict(config='../depthdecomp/ablation/rooms/m_n.py', cfg_options=long, seeds=(0, 1)),
    long_m_n_g=dict(
        config='../depthdecomp/ablation/rooms/m_n_g.py', cfg_options=long, seeds=(0, 1)
    ),
    long_proposed=dict(
        config='../depthdecomp/ablation/rooms/proposed.py', cfg_options=long, seeds=(0, 1)
    ),
    hrwsi_m_n_g=dict(
        config='../depthdecomp/ablation/rooms/hrwsi.py',
        cfg_options={'model.metric_decoder.mdr': None},
    ),
)
tables = [
    dict(
        title='Other losses, more images, more steps, relative data',
        columns=('#', 'steps', 'Setting'),
        metrics=('rmse', 'abs_rel', 'tau', 'whdr'),
        rows=[
            dict(run='baseline', cells=('256', '1280', 'M')),
            dict(
                run='baseline_log', cells=('256', '1280', 'M, with the log loss of the rows below')
            ),
            dict(run='m_n', cells=('256', '1280', 'M, N')),
            dict(run='m_n_g', cells=('256', '1280', 'M, N, G')),
            dict(run='proposed', cells=('256', '1280', '+ MDR')),
            dict(run='many_baseline', cells=('1024', '1280', 'M')),
            dict(run='many_m_n', cells=('1024', '1280', 'M, N')),
            dict(run='many_m_n_g', cells=('1024', '1280', 'M, N, G')),
            dict(run='many_proposed', cells=('1024', '1280', '+ MDR')),
            dict(run='long_baseline', cells=('256', '2560', 'M')),
            dict(run='long_m_n', cells=('256', '2560', 'M, N')),
            dict(run='long_m_n_g', cells=('256', '2560', 'M, N, G')),
            dict(run='long_proposed', cells=('256', '2560', '+ MDR')),
            dict(run='hrwsi_m_n_g', cells=('256', '1280', 'M, N, G †')),
            dict(run='hrwsi', cells=('256', '1280', '+ MDR †')),
        ],
    ),
]
plots = []
