# Configs of the rows of the paper's Tables 1 to 4. The plans share them, so that in one work dir a
# run that several tables show is trained once.
_base_ = '../_base_/paper_figures.py'
runs = dict(
    baseline_51k=dict(config='../depthdecomp/nyu_51k_baseline.py'),
    baseline_metres_51k=dict(config='../depthdecomp/nyu_51k_baseline_metres.py'),
    proposed_51k=dict(config='../depthdecomp/nyu_51k.py'),
    hrwsi_51k=dict(config='../depthdecomp/nyu_51k_hrwsi.py'),
    baseline_17k=dict(config='../depthdecomp/nyu_17k_baseline.py'),
    baseline_metres_17k=dict(config='../depthdecomp/nyu_17k_baseline_metres.py'),
    m_n_17k=dict(config='../depthdecomp/ablation/nyu_17k_m_n.py'),
    m_n_g_17k=dict(config='../depthdecomp/ablation/nyu_17k_m_n_g.py'),
    m_n_g_mdr_star_17k=dict(config='../depthdecomp/ablation/nyu_17k_m_n_g_mdr_star.py'),
    proposed_17k=dict(config='../depthdecomp/nyu_17k.py'),
    hrwsi_17k=dict(config='../depthdecomp/nyu_17k_hrwsi.py'),
    single_phase_17k=dict(config='../depthdecomp/ablation/nyu_17k_single_phase_hrwsi.py'),
    baseline_795=dict(config='../depthdecomp/nyu_795_baseline.py'),
    baseline_metres_795=dict(config='../depthdecomp/nyu_795_baseline_metres.py'),
    proposed_795=dict(config='../depthdecomp/nyu_795.py'),
    hrwsi_795=dict(config='../depthdecomp/nyu_795_hrwsi.py'),
    baseline_diml=dict(config='../depthdecomp/diml_indoor_baseline.py'),
    proposed_diml=dict(config='../depthdecomp/diml_indoor.py'),
    hrwsi_diml=dict(config='../depthdecomp/diml_indoor_hrwsi.py'),
    baseline_sunrgbd=dict(config='../depthdecomp/sunrgbd_baseline.py'),
    proposed_sunrgbd=dict(config='../depthdecomp/sunrgbd.py'),
    hrwsi_sunrgbd=dict(config='../depthdecomp/sunrgbd_hrwsi.py'),
)
