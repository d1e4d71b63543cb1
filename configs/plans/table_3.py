# The paper's Table 3: components, on NYUv2 (17K).
_base_ = './paper_runs.py'
tables = [
    dict(
        title='Table 3: components, NYUv2 (17K)',
        columns=('M', 'N', 'G', 'MDR*', 'MDR', '†'),
        metrics=('rmse', 'abs_rel', 'log10', 'd1', 'd2', 'd3', 'tau', 'whdr'),
        rows=[
            dict(
                run='baseline_17k',
                label='M',
                cells=('✓', '', '', '', '', ''),
                paper={{_base_.paper.nyu_17k_baseline}},
            ),
            dict(
                run='m_n_17k',
                label='M, N',
                cells=('✓', '✓', '', '', '', ''),
                paper={{_base_.paper.nyu_17k_m_n}},
            ),
            dict(
                run='m_n_g_17k',
                label='M, N, G',
                cells=('✓', '✓', '✓', '', '', ''),
                paper={{_base_.paper.nyu_17k_m_n_g}},
            ),
            dict(
                run='m_n_g_mdr_star_17k',
                label='+ MDR*',
                cells=('✓', '✓', '✓', '✓', '', ''),
                paper={{_base_.paper.nyu_17k_m_n_g_mdr_star}},
            ),
            dict(
                run='proposed_17k',
                label='+ MDR',
                cells=('✓', '✓', '✓', '', '✓', ''),
                paper={{_base_.paper.nyu_17k}},
            ),
            dict(
                run='hrwsi_17k',
                label='+ MDR †',
                cells=('✓', '✓', '✓', '', '✓', '✓'),
                paper={{_base_.paper.nyu_17k_hrwsi}},
            ),
        ],
    ),
]
