# The rows of rooms.py with M-Net regressing metres in place of 1 / (metres + 1), all else equal:
# the paper does not say which of the two its Baseline regresses.
_base_ = './rooms.py'
seeds = (0, 1)
metres = {'model.representation': 'depth'}
runs = dict(
    metres_baseline=dict(config='../depthdecomp/ablation/rooms/baseline.py', cfg_options=metres),
    metres_m_n_g=dict(config='../depthdecomp/ablation/rooms/m_n_g.py', cfg_options=metres),
    metres_proposed=dict(config='../depthdecomp/ablation/rooms/proposed.py', cfg_options=metres),
    metres_m_n=dict(config='../depthdecomp/ablation/rooms/m_n.py', cfg_options=metres),
)
tables = [
    dict(
        title='What M-Net regresses, 256 metric images',
        columns=('Setting', 'M-Net regresses'),
        metrics=('rmse', 'abs_rel', 'd1', 'tau', 'whdr'),
        rows=[
            dict(run='baseline', cells=('M', '1 / (metres + 1)')),
            dict(run='m_n', cells=('M, N', '1 / (metres + 1)')),
            dict(run='m_n_g', cells=('M, N, G', '1 / (metres + 1)')),
            dict(run='proposed', cells=('+ MDR', '1 / (metres + 1)')),
            dict(run='metres_baseline', cells=('M', 'metres')),
            dict(run='metres_m_n', cells=('M, N', 'metres')),
            dict(run='metres_m_n_g', cells=('M, N, G', 'metres')),
            dict(run='metres_proposed', cells=('+ MDR', 'metres')),
        ],
    ),
]
plots = []
