# What the paper reports, in one place. The plans take their figures from here when they are read.
# `depthdecomp paper-figures` writes them into metafile.yml and into the tables of README and docs.

# Tables 1 to 4, by config: RMSE in metres, WHDR in percent, which the paper gives in Tables 3 and 4
paper_metrics = ('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau', 'whdr')
paper_rows = dict(
    nyu_51k_baseline=(0.386, 0.109, 0.047, 0.888, 0.980, 0.995, 0.813),
    nyu_51k=(0.362, 0.100, 0.043, 0.907, 0.986, 0.997, 0.837),
    nyu_51k_hrwsi=(0.355, 0.098, 0.042, 0.913, 0.987, 0.998, 0.840),
    nyu_17k_baseline=(0.400, 0.113, 0.048, 0.880, 0.981, 0.996, 0.803, 14.95),
    nyu_17k_m_n=(0.389, 0.111, 0.047, 0.888, 0.982, 0.996, 0.814, 14.19),
    nyu_17k_m_n_g=(0.387, 0.109, 0.047, 0.888, 0.982, 0.997, 0.817, 14.01),
    nyu_17k_m_n_g_mdr_star=(0.381, 0.108, 0.046, 0.894, 0.984, 0.997, 0.824, 13.54),
    nyu_17k=(0.370, 0.103, 0.045, 0.903, 0.986, 0.997, 0.829, 13.18),
    nyu_17k_hrwsi=(0.362, 0.100, 0.043, 0.909, 0.987, 0.997, 0.835, 12.72),
    nyu_17k_single_phase_hrwsi=(0.386, 0.107, 0.046, 0.892, 0.984, 0.997, 0.820, 13.74),
    nyu_795_baseline=(0.487, 0.147, 0.061, 0.809, 0.963, 0.991, 0.738),
    nyu_795=(0.468, 0.142, 0.059, 0.824, 0.969, 0.992, 0.762),
    nyu_795_hrwsi=(0.417, 0.122, 0.052, 0.868, 0.977, 0.995, 0.800),
    diml_indoor_baseline=(0.589, 0.247, 0.099, 0.701, 0.879, 0.968, 0.492),
    diml_indoor=(0.537, 0.180, 0.075, 0.719, 0.943, 0.986, 0.696),
    diml_indoor_hrwsi=(0.517, 0.171, 0.072, 0.742, 0.949, 0.989, 0.742),
    sunrgbd_baseline=(0.306, 0.132, 0.055, 0.847, 0.971, 0.992, 0.761),
    sunrgbd=(0.303, 0.129, 0.055, 0.850, 0.973, 0.993, 0.776),
    sunrgbd_hrwsi=(0.301, 0.127, 0.054, 0.853, 0.973, 0.992, 0.784),
)
# other names of three of them, after the rows of Table 3
paper_rows.update(
    nyu_17k_m=paper_rows['nyu_17k_baseline'],
    nyu_17k_m_n_g_mdr=paper_rows['nyu_17k'],
    nyu_17k_m_n_g_mdr_hrwsi=paper_rows['nyu_17k_hrwsi'],
)
paper = {name: dict(zip(paper_metrics, row, strict=False)) for name, row in paper_rows.items()}

# Tables 5 and 6: millions of parameters and frames per second
paper_parts = {
    'encoder': (55, 50.9),
    'G-Net': (15, 475),
    'N-Net': (15, 534),
    'M-Net without MDR': (15, 474),
    'MDR block': (1.7, 447),
    'whole, all outputs': (102, 34.7),
    'Ranftl et al.': (130, 13.4),
}
