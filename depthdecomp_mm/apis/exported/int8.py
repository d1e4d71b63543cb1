"""INT8: which layers stay in float32 is measured."""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from depthdecomp_mm.errors import UserError

from . import onnx_runtime, openvino_runtime
from .about import About
from .loss import Bound, Calibration, Metrics
from .model import Runner
from .telemetry import no_telemetry

Parts = dict[str, str]
"""Parts of the network, by the names of operations."""
OTHERS = 'normalisation and decoding'
"""What is in no module of the network."""
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
        nncf = _import_nncf()
        model = openvino_runtime.read_onnx(path)
        with no_telemetry():
            self._model = nncf.quantize(
                model,
                nncf.Dataset(batches),
                preset=nncf.QuantizationPreset.MIXED,  # activations are not all positive
                subset_size=len(batches),
            )

    def variant(self, is_float: Callable[[str], bool]) -> Any:
        """The quantised model, in which operations of these names get float32."""
        model = self._model.clone()
        for operation in model.get_ops():
            if operation.get_type_name() == 'FakeQuantize':
                source = operation.input_value(0)
                for consumer in operation.output(0).get_target_inputs():
                    # the ONNX name stands before what OpenVINO adds to it
                    name = consumer.get_node().get_friendly_name().partition('/')[0]
                    if is_float(name):
                        consumer.replace_source_output(source)
        model.validate_nodes_and_infer_types()
        return model

    @staticmethod
    def runner(model: Any) -> Runner:
        """Run what :meth:`variant` gave."""
        return openvino_runtime.run_model(model, 'int8')

    @staticmethod
    def save(model: Any, path: Path, about: About) -> None:
        """Write what :meth:`variant` gave, as ``.xml`` and ``.bin``."""
        openvino_runtime.save(model, path, about)


class OrtQuantizer:
    """Quantises an ONNX file by ONNX Runtime.

    Args:
        path: The file in float32, with room for others beside it.
        batches: (1, 3, H, W) float32 each, to calibrate on.
    """

    def __init__(self, path: Path, batches: list[np.ndarray]) -> None:
        self._path, self._batches = path, batches

    def variant(self, is_float: Callable[[str], bool]) -> Any:
        """The quantised model, in which operations of these names get float32, weights too."""
        import onnx
        from onnxruntime import quantization as ort

        names = [node.name for node in onnx.load(str(self._path)).graph.node]
        target = self._path.with_name('int8.onnx')
        ort.quantize_static(
            str(self._path),
            str(target),
            _Reader(self._batches),
            per_channel=True,
            activation_type=ort.QuantType.QUInt8,
            weight_type=ort.QuantType.QInt8,
            nodes_to_exclude=[name for name in names if is_float(name)],
        )
        return onnx.load(str(target))

    @staticmethod
    def runner(model: Any) -> Runner:
        """Run what :meth:`variant` gave."""
        return onnx_runtime.run_model(model.SerializeToString())

    @staticmethod
    def save(model: Any, path: Path, about: About) -> None:
        """Write what :meth:`variant` gave."""
        onnx_runtime.write_about(model, path, about)


class _Reader:
    """Batches as ONNX Runtime asks for them."""

    def __init__(self, batches: list[np.ndarray]) -> None:
        self._batches = iter(batches)

    def get_next(self) -> dict | None:
        batch = next(self._batches, None)
        return None if batch is None else dict(image=batch)


Quantizer = NncfQuantizer | OrtQuantizer


def choose_float_parts(
    quantizer: Quantizer,
    parts: Parts,
    calibration: Calibration,
    bound: Bound,
    say: Callable[[str], None] = print,
) -> Choice:
    """Leave parts of a quantised network in float32 until metrics keep the bound.

    If all of it in INT8 does not keep it, each part is tried in float32. The one that gains most
    stays so, and each of the others is tried beside it, and so on. In OpenVINO what gets float32
    are activations, and weights have 8 bits everywhere.

    Args:
        quantizer: Of the format.
        parts: Those of :func:`parts_of`.
        calibration: Measures.
        bound: To keep.
        say: Gets a line for each try.

    Returns:
        The first that keeps the bound, or what came of leaving all parts but one.
    """

    def attempt(*floats: str) -> Choice:
        model = quantizer.variant(lambda name: parts.get(name, OTHERS) in floats)
        after = calibration.measure(quantizer.runner(model))
        say(f'int8, in float32 {" + ".join(floats) or "nothing"}: {after}')
        return Choice(model, after, bound.excess(calibration.before, after), floats)

    best, left = attempt(), {*parts.values(), OTHERS}
    while best.excess > 1 and len(left) > 1:
        best = min((attempt(*best.floats, name) for name in sorted(left)), key=attrgetter('excess'))
        left -= {*best.floats}
    return best


def parts_of(path: Path) -> Parts:
    """The parts of the network that the operations of an ONNX file come from.

    Parts are the encoder, G-Net, N-Net, and M-Net's blocks of a kind.
    """
    import onnx

    nodes = onnx.load(str(path), load_external_data=False).graph.node
    return {node.name: _part_of(node) for node in nodes}


def _part_of(node: Any) -> str:
    scopes = next((p.value for p in node.metadata_props if p.key == SCOPES), "['']")
    modules = [scope for scope in ast.literal_eval(scopes) if scope.startswith('model.')]
    if not modules:
        return OTHERS
    names = modules[-1].split('.')[1:]
    return '.'.join(names[: 2 if names[0] == 'metric_decoder' else 1])


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
