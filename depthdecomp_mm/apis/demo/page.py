"""The page itself, made with Gradio."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

from depthdecomp_mm.errors import UserError

from .parts import camera_fields, in_words
from .photograph_tab import Example, add_photograph_tab
from .prediction import KEPT_SECONDS, DemoPredictor

TITLE = 'Depth map decomposition'
ABOUT = (
    f'# {TITLE}\n'
    'Metric depth of a photograph, and the parts that the network makes it of: gradients G, a '
    'normalised map N and a mean. Nothing leaves the computer that this page runs on.'
)
FONTS = dict(font=['system-ui', 'sans-serif'], font_mono=['ui-monospace', 'monospace'])


def import_gradio() -> ModuleType:
    """Import Gradio, which is slow, and which not everybody has.

    Raises:
        UserError: If it is missing.
    """
    try:
        import gradio
    except ImportError as error:
        raise UserError(
            f'the page needs gradio ({error}): pip install depthdecomp_mm[demo] (or pip install '
            'gradio)'
        ) from error
    return gradio


def build_page(predictor: DemoPredictor, examples: Sequence[Example] = ()):
    """Lay out the page.

    Args:
        predictor: Answers.
        examples: To try at a click.

    Returns:
        The :class:`gradio.Blocks`.

    Raises:
        UserError: If Gradio is missing.
    """
    gr = import_gradio()
    page = gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=(KEPT_SECONDS,) * 2)
    with page:
        gr.Markdown(ABOUT)
        with gr.Tab('Photograph'):
            add_photograph_tab(gr, predictor, examples)
        with gr.Tab('Video'):
            _add_video_tab(gr, predictor)
    return page


def launch_page(page, host: str, port: int | None, **options) -> str:
    """Serve the page from this computer alone, with nothing of others' servers in it.

    Args:
        page: What :func:`build_page` made.
        host: Address to listen at.
        port: Its port; None for the first that is free from 7860 on.
        **options: Of Gradio's ``launch``.

    Returns:
        The address of the page.

    Raises:
        OSError: If the port is taken.
    """
    gr = import_gradio()
    _, url, _ = page.launch(
        server_name=host,
        server_port=port,
        share=False,
        quiet=True,
        ssr_mode=False,
        footer_links=[],
        theme=gr.themes.Default(**FONTS),
        **options,
    )
    return url


def _add_video_tab(gr: ModuleType, predictor: DemoPredictor) -> None:
    with gr.Row():
        with gr.Column(min_width=300):
            video = gr.Video(
                sources=['upload', 'webcam'], label='Video', elem_id='video', buttons=[]
            )
            kind, number = camera_fields(gr)
            button = gr.Button('Predict depth', variant='primary', elem_id='predict_video')
        with gr.Column(min_width=300):
            depth = gr.Video(
                label='Video and depth; near is bright',
                interactive=False,
                elem_id='video_depth',
                buttons=['download'],
            )

    def predict(path: str | None, kind: str, number: float | None) -> str:
        if path is None:
            raise UserError('give a video first')
        return str(predictor.predict_video(path, kind, number))

    button.click(in_words(gr, predict), [video, kind, number], depth)
