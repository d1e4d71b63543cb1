"""The page that goes with published weights: what they are, have seen and measure."""

from __future__ import annotations

from collections.abc import Mapping

from huggingface_hub import EvalResult, ModelCardData

from depthdecomp_mm.calibration import KEY as CALIBRATION

PAGE = """---
{front}
---

# {name}

Metric depth from a single image, by the method of *Depth Map Decomposition for Monocular Depth
Estimation* (Jun, Lee, Lee and Kim, ECCV 2022), in the independent implementation `depthdecomp_mm`.

```python
from depthdecomp_mm.apis import DepthInferencer

inferencer = DepthInferencer(weights='{weights}')
depth = inferencer('room.jpg')['predictions'][0]['depth']  # (H, W) float32, metres
```

## What it has seen

{seen}

## What it measures

{measured}

## Where it comes from

{origin}
"""


def model_card(meta: Mapping, name: str) -> str:
    """Write the card of published weights.

    Args:
        meta: What :func:`~depthdecomp_mm.apis.publishing.publish` returned, or the file says.
        name: Name of the repository, ``OWNER/NAME``, or of the file.
    """
    return PAGE.format(
        front=_front_matter(meta, name),
        name=name,
        weights=f'hf://{name}' if '/' in name else name,
        seen=_seen(meta),
        measured=_measured(meta),
        origin=_origin(meta),
    )


def _front_matter(meta: Mapping, name: str) -> str:
    """What the hub reads."""
    data = meta.get('test_data', 'unnamed')
    *_, (how, numbers) = [('', {}), *meta.get('metrics', {}).items()]
    results = [
        EvalResult(
            task_type='depth-estimation',
            dataset_type=data,
            dataset_name=data,
            metric_type=metric,
            metric_value=value,
            metric_name=f'{metric} ({how})',
        )
        for metric, value in numbers.items()
    ]
    return ModelCardData(
        license=str(meta.get('licence', 'unknown')).lower(),
        library_name='depthdecomp_mm',
        pipeline_tag='depth-estimation',
        tags=['depth-estimation', 'monocular-depth', 'mmengine'],
        model_name=name,
        eval_results=results or None,
    ).to_yaml()


def _seen(meta: Mapping) -> str:
    data = meta.get('provenance', {}).get('training_data', [])
    total = sum(entry.get('images', 0) for entry in data)
    words = [meta['training_data']] if meta.get('training_data') else []
    if total:
        words.append(
            f'Training has seen {total} images. Of what looks otherwise it knows nothing: measure '
            'it on images of yours before you rely on it.'
        )
    if not data:
        return '\n\n'.join(words) or 'Unknown.'
    rows = [(e['type'], e.get('images', ''), f'`{e.get("sha256", "")[:16]}`') for e in data]
    return '\n\n'.join([*words, _table(('read as', 'images', 'sha256 of names and sizes'), rows)])


def _measured(meta: Mapping) -> str:
    columns = meta.get('metrics', {})
    if not columns:
        return 'Nothing was measured.'
    names = dict.fromkeys(name for numbers in columns.values() for name in numbers)
    rows = [
        (name, *(f'{numbers[name]:.4f}' if name in numbers else '' for numbers in columns.values()))
        for name in names
    ]
    data = meta.get('provenance', {}).get('test_data', [])
    on = [f'{entry["images"]} images' for entry in data if 'images' in entry]
    on = ' of '.join([*on[:1], meta.get('test_data', 'unnamed data')])
    return f'On {on}:\n\n{_table(("metric", *columns), rows)}'


def _origin(meta: Mapping) -> str:
    found = meta.get('provenance', {})
    lines = [f'Licence: {meta.get("licence", "unknown")}.']
    if found.get('parents'):
        lines.append(f'Training began with {", ".join(f"`{p}`" for p in found["parents"])}.')
    if calibration := meta.get(CALIBRATION):
        lines.append(f'Depth is calibrated: {calibration}.')
    told = {key: found[key] for key in ('epoch', 'iter', 'seed', 'time') if key in found}
    told |= {f'{key} (sha256)': found[key] for key in ('checkpoint', 'config') if key in found}
    told |= found.get('versions', {})
    return '\n\n'.join([*lines, _table(('', ''), told.items())])


def _table(heading, rows) -> str:
    lines = [heading, ['---'] * len(heading), *rows]
    return '\n'.join(f'| {" | ".join(map(str, cells))} |' for cells in lines)
