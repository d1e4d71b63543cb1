"""Write the paper's figures into metafile.yml and the tables of README and docs.

They come from configs/_base_/paper_figures.py. On a page they go into the tables between the
comments `paper figures` and `end of paper figures`: in a row that begins with the name of a config,
the columns that are headed by a metric are filled in.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from depthdecomp_mm.command_line import run
from depthdecomp_mm.config_names import load_config
from depthdecomp_mm.files import write_bytes
from depthdecomp_mm.workshop.experiments import METRICS

ROOT = Path(__file__).resolve().parents[2]
METAFILE = ROOT / 'configs' / 'depthdecomp' / 'metafile.yml'
PAGES = (ROOT / 'README.md', ROOT / 'docs' / 'claims.md')
TABLES = re.compile('(?<=<!-- paper figures -->\n).*?(?=<!-- end of paper figures -->\n)', re.S)
MODEL = re.compile(r'  - Name: (\S+)\n(?:    .*\n)*')
METAFILE_NAMES = dict(rmse='RMSE', abs_rel='REL', tau='Kendall tau', whdr='WHDR')
KEYS = {heading: key for key, (heading, *_) in METRICS.items()}

Figures = Mapping[str, Mapping[str, float]]


def in_words(metric: str, value: float) -> str:
    """A figure with the decimals of its metric."""
    return f'{value:.{METRICS[metric][1]}f}'


def fill_tables(page: str, figures: Figures) -> str:
    """A page in Markdown with the figures in its marked tables."""
    return TABLES.sub(lambda found: _fill_rows(found[0], figures), page)


def _fill_rows(table: str, figures: Figures) -> str:
    lines, headings = [], []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        headings = headings or (cells if line.startswith('|') else [])
        row = figures.get(cells[0].strip('`').removeprefix('ablation/'))
        if row is not None:
            keys = (KEYS.get(heading) for heading in headings)
            cells = [
                in_words(key, row[key]) if key in row else cell
                for key, cell in zip(keys, cells, strict=True)
            ]
            line = f'| {" | ".join(cells)} |'
        lines.append(f'{line}\n')
    return ''.join(lines)


def fill_metafile(text: str, figures: Figures) -> str:
    """A metafile with the figures as the results of its models, and with no others."""
    return MODEL.sub(lambda found: _with_results(found[0], figures.get(found[1])), text)


def _with_results(model: str, row: Mapping[str, float] | None) -> str:
    model = model.partition('    Results:\n')[0]
    if row is None:
        return model
    data_set = re.search(r'Training Data: \[([^],]+)', model)[1]
    metrics = ''.join(
        f'          {METAFILE_NAMES.get(key, key)}: {in_words(key, value)}\n'
        for key, value in row.items()
    )
    return (
        f'{model}    Results:\n'
        '      - Task: Monocular Depth Estimation\n'
        f'        Dataset: {data_set}\n'
        f'        Metrics:\n{metrics}'
    )


def filled_files() -> dict[Path, str]:
    """What the files are to hold."""
    figures = load_config(ROOT / 'configs' / '_base_' / 'paper_figures.py').paper
    filled = {METAFILE: fill_metafile(METAFILE.read_text(encoding='utf-8'), figures)}
    return filled | {page: fill_tables(page.read_text(encoding='utf-8'), figures) for page in PAGES}


def main(argv: Sequence[str] | None = None) -> None:
    argparse.ArgumentParser(description=__doc__).parse_args(argv)
    for path, text in filled_files().items():
        if text != path.read_text(encoding='utf-8'):
            write_bytes(path, text.encode())
            print(f'{path}: written anew')


if __name__ == '__main__':
    run(main)
