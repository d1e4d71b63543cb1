"""A page to try a network in the browser: pictures, distances and scenes of photographs."""

from .camera import CAMERA_KINDS, camera_of
from .measuring import Measurement, measure
from .page import build_page, launch_page
from .prediction import DemoPredictor, Prediction
from .surface import encode_glb

__all__ = [
    'CAMERA_KINDS',
    'DemoPredictor',
    'Measurement',
    'Prediction',
    'build_page',
    'camera_of',
    'encode_glb',
    'launch_page',
    'measure',
]
