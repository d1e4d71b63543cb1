"""INT8: which layers stay in float32 is measured."""

from __future__ import annotations

import ast
import logging
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from depthdecomp_mm.errors import UserError

from . import onnx_runtime, openvino_runtime
from .about import About
from .loss import Bound, Calibration, Metrics
from .model import Runner
from .telemetry import no_telemetry

Groups = dict[str, list[str]]
"""Names of convolutions and products of an ONNX graph, by the part of the network."""
WEIGHTED = ('Conv', 'ConvTranspose', 'Gemm', 'MatMul')
SCOPES = 'pkg.torch.onnx.name_scopes'


class Choice(NamedTuple):
    """What came of a search.

    Attributes:
        model: The quantised model, of the kind that the quantiser gives.
        after: Its metrics.
        excess: See :meth:`Bound.excess`.
        floats: Parts that stay in float32.
    """

    model: Any
    after: Metrics
    excess: float
    floats: tuple[str, ...]


class NncfQuantizer:
    """Quantises a model of OpenVINO by NNCF.

    Args:
        path: The ONNX file in float32.
        batches: (1, 3, H, W) float32 each, to calibrate on.

    Raises:
        UserError: If openvino or nncf is missing.
    """

    def __init__(self, path: Path, batches: list[np.ndarray]) -> None:
        openvino_runtime.import_openvino('int8')
        self._nncf = _import_nncf()
        self._path, self._batches = path, batches
        self._names = {op.get_friendly_name() for op in openvino_runtime.read_onnx(path).get_ops()}

    def quantize(self, floats: Iterable[str]) -> Any:
        """A new model, in which these layers stay in float32."""
        nncf = self._nncf
        names = [name for name in floats if name in self._names]
        model = openvino_runtime.read_onnx(self._path)  # NNCF changes what it gets
        with no_telemetry():
            return nncf.quantize(
                model,
                nncf.Dataset(self._batches),
                subset_size=len(self._batches),
                ignored_scope=nncf.IgnoredScope(names=names, validate=False),
            )

    @staticmethod
    def runner(model: Any) -> Runner:
        """Run what :meth:`quantize` gave."""
        return openvino_runtime.run_model(model.clone(), 'int8')

    @staticmethod
    def save(model: Any, path: Path, about: About) -> None:
        """Write what :meth:`quantize` gave, as ``.xml`` and ``.bin``."""
        openvino_runtime.save(model, path, about)


class OrtQuantizer:
    """Quantises an ONNX file by ONNX Runtime.

    Args:
        path: The file in float32, with room for others beside it.
        batches: (1, 3, H, W) float32 each, to calibrate on.
    """

    def __init__(self, path: Path, batches: list[np.ndarray]) -> None:
        from onnxruntime.quantization.shape_inference import quant_pre_process

        self._batches = batches
        self._source = path.with_name('prepared.onnx')
        self._number = 0
        quant_pre_process(str(path), str(self._source), skip_symbolic_shape=True)

    def quantize(self, floats: Iterable[str]) -> Path:
        """A new file, in which these layers stay in float32."""
        from onnxruntime import quantization as ort

        self._number += 1
        target = self._source.with_name(f'{self._number}.onnx')
        ort.quantize_static(
            str(self._source),
            str(target),
            _Reader(self._batches),
            per_channel=True,
            activation_type=ort.QuantType.QUInt8,
            weight_type=ort.QuantType.QInt8,
            nodes_to_exclude=list(floats),
        )
        return target

    @staticmethod
    def runner(model: Path) -> Runner:
        """Run what :meth:`quantize` gave."""
        return onnx_runtime.open_file(model)[1](None)

    @staticmethod
    def save(model: Path, path: Path, about: About) -> None:
        """Write what :meth:`quantize` gave."""
        onnx_runtime.write_about(model, about)
        path.write_bytes(model.read_bytes())


class _Reader:
    """Batches as ONNX Runtime asks for them."""

    def __init__(self, batches: list[np.ndarray]) -> None:
        self._batches = iter(batches)

    def get_next(self) -> dict | None:
        batch = next(self._batches, None)
        return None if batch is None else dict(image=batch)


Quantizer = NncfQuantizer | OrtQuantizer


def choose_float_layers(
    quantizer: Quantizer,
    groups: Groups,
    calibration: Calibration,
    bound: Bound,
    say: Callable[[str], None] = print,
) -> Choice:
    """Quantise, and leave parts in float32 until metrics keep the bound.

    If all of it in INT8 does not keep it, each part alone is brought back to float32 and what that
    gains is measured. Then the most gainful parts are brought back together, one more each time.

    Args:
        quantizer: Of the format.
        groups: Those of :func:`layer_groups`.
        calibration: Measures.
        bound: To keep.
        say: Gets a line for each try.

    Returns:
        The first that keeps the bound; the best of all tries if none does.
    """

    def attempt(*floats: str) -> Choice:
        model = quantizer.quantize(node for name in floats for node in groups[name])
        after = calibration.measure(quantizer.runner(model))
        excess = bound.excess(calibration.before, after)
        say(f'int8, {" + ".join(floats) or "nothing"} in float32: {after}')
        return Choice(model, after, excess, floats)

    best = attempt()
    if best.excess <= 1:
        return best
    gains = {name: attempt(name).excess for name in groups}
    ranking = sorted(groups, key=gains.get)
    for number in range(1, len(ranking)):
        found = attempt(*ranking[:number])
        best = min(best, found, key=lambda choice: choice.excess)
        if found.excess <= 1:
            break
    return best


def layer_groups(path: Path) -> Groups:
    """The layers with weights of an ONNX file that PyTorch exported, by part of the network.

    Parts are the stages of the encoder, and the blocks of a kind of a decoder.
    """
    import onnx

    groups: Groups = {}
    for node in onnx.load(str(path), load_external_data=False).graph.node:
        if node.op_type in WEIGHTED:
            groups.setdefault(_part_of(node), []).append(node.name)
    return groups


def _part_of(node: Any) -> str:
    scopes = next((p.value for p in node.metadata_props if p.key == SCOPES), "['']")
    modules = [scope for scope in ast.literal_eval(scopes) if scope.startswith('model.')]
    if not modules:
        return 'others'
    name = modules[-1].removeprefix('model.')
    stage = re.match(r'encoder(\.[a-z_]+){1,2}\.\d+', name)
    return stage[0] if stage else '.'.join(name.split('.')[:2])


def _import_nncf() -> Any:
    try:
        with no_telemetry():
            import nncf
    except ImportError as error:
        raise UserError(
            f'{error}; int8 needs nncf: pip install depthdecomp_mm[openvino]'
        ) from error
    nncf.set_log_level(logging.ERROR)
    return nncf
