"""What the tabs of the page share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType

from depthdecomp_mm.errors import UserError

from .camera import CAMERA_KINDS, FIELD_OF_VIEW, FOCAL_LENGTH, FROM_FILE


def camera_fields(gr: ModuleType) -> tuple:
    """Add fields for the camera: how it is stated, and the number that belongs to it."""
    with gr.Row():
        kind = gr.Dropdown(list(CAMERA_KINDS), value=FROM_FILE, label='Camera', min_width=190)
        number = gr.Number(None, visible=False, elem_classes='number', min_width=100)

    def ask_number(kind: str) -> dict:
        return gr.update(visible=kind in (FIELD_OF_VIEW, FOCAL_LENGTH), label=kind.capitalize())

    kind.change(ask_number, kind, number, show_progress='hidden')
    return kind, number


def in_words(gr: ModuleType, callback: Callable) -> Callable:
    """Let the page say what a user can mend."""

    @wraps(callback)
    def call(*args):
        try:
            return callback(*args)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call
