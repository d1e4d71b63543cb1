"""The page itself, made with Gradio."""

# Annotations are no strings here: Gradio recognises an event by that of its argument.

from collections.abc import Callable, Sequence
from functools import wraps
from types import ModuleType

from depthdecomp_mm.errors import UserError

from .camera import CAMERA_KINDS, FIELD_OF_VIEW, FOCAL_LENGTH, FROM_FILE
from .pictures import choose_point, maps_of, picture_to_measure, summary_of
from .prediction import KEPT_SECONDS, DemoPredictor, Prediction

Example = tuple[str, str, str, float | None]
"""Name and path of a photograph, and its camera as :func:`~.camera.camera_of` takes it."""
TITLE = 'Depth map decomposition'
ABOUT = (
    f'# {TITLE}\n'
    'Metric depth of a photograph, and the parts that the network makes it of: gradients G, a '
    'normalised map N and a mean. Nothing leaves the computer that this page runs on.'
)
MAPS = {
    'depth': 'Depth',
    'normalized': 'Normalised map N',
    'gradient_x': 'Gradients G, across',
    'gradient_y': 'Gradients G, down',
}
DOWNLOADS = {
    '_depth.png': 'Depth, PNG',
    '_depth.npy': 'Depth, NumPy',
    '.ply': 'Cloud, PLY',
    '_normalized.npy': 'N, NumPy',
    '_gradients.npy': 'G, NumPy',
    '.json': 'Record, JSON',
}
"""What may be taken home, by the ends of the files' names."""
BUTTONS = ['download', 'fullscreen']  # Gradio's third would send the picture away
FONTS = dict(font=['system-ui', 'sans-serif'], font_mono=['ui-monospace', 'monospace'])
BACKGROUND = (1.0, 1.0, 1.0, 1.0)
FROM_BEHIND = (90, 80, None)
"""Where the scene is looked at from: about the vertical, from the vertical (degrees), distance."""


def import_gradio() -> ModuleType:
    """Import Gradio without what it would tell its makers.

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
            _photograph_tab(gr, predictor, examples)
        with gr.Tab('Video'):
            _video_tab(gr, predictor)
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


def files_of(prediction: Prediction) -> dict[str, str]:
    """The files to take home, by the keys of :data:`DOWNLOADS`."""
    names = map(str, prediction.files)
    return {end: name for name in names for end in DOWNLOADS if name.endswith(end)}


def _photograph_tab(gr: ModuleType, predictor: DemoPredictor, examples: Sequence[Example]) -> None:
    prediction, points = gr.State(time_to_live=KEPT_SECONDS), gr.State([])
    with gr.Row():
        with gr.Column(min_width=300):
            photograph = gr.Image(
                type='filepath',
                image_mode=None,  # the file as it came, with its EXIF tags
                sources=['upload', 'webcam', 'clipboard'],
                label='Photograph',
                buttons=['fullscreen'],
                elem_id='photograph',
            )
            with gr.Row():
                kind = gr.Dropdown(
                    list(CAMERA_KINDS), value=FROM_FILE, label='Camera', min_width=190
                )
                number = gr.Number(
                    None, label='Degrees or pixels', visible=False, elem_id='number', min_width=100
                )
            button = gr.Button('Predict depth', variant='primary', elem_id='predict')
            summary = gr.Markdown(elem_id='summary')
        with gr.Column(min_width=300):
            measured = gr.Image(
                label='Measure: click two points', interactive=False, elem_id='measured', buttons=[]
            )
            distance = gr.Markdown(elem_id='distance')
    if examples:
        gr.Examples(
            [[*camera] for _, *camera in examples],
            [photograph, kind, number],
            example_labels=[label for label, *_ in examples],
        )
    with gr.Row():
        maps = {
            name: gr.Image(
                label=label, interactive=False, elem_id=name, min_width=220, buttons=BUTTONS
            )
            for name, label in MAPS.items()
        }
    scene = gr.Model3D(
        label='The scene in 3D: drag to turn',
        clear_color=BACKGROUND,
        camera_position=FROM_BEHIND,
        height=480,
        elem_id='scene',
    )
    with gr.Row():
        downloads = {
            ending: gr.DownloadButton(
                label, interactive=False, elem_id=f'file{i}', min_width=110, size='md'
            )
            for i, (ending, label) in enumerate(DOWNLOADS.items())
        }

    def predict(path: str | None, kind: str, number: float | None) -> tuple:
        if path is None:
            raise UserError('give a photograph first')
        found = predictor.predict(path, kind, number)
        drawn, files = maps_of(found), files_of(found)
        return (
            *(found, [], *picture_to_measure(found, []), summary_of(found), found.surface),
            *(gr.update(value=drawn.get(name), visible=name in drawn) for name in maps),
            *(gr.update(value=files.get(e), interactive=e in files) for e in downloads),
        )

    def click(found: Prediction | None, points: list, event: gr.SelectData = None) -> tuple:
        if found is None:  # forgotten after an hour
            return [], None, ''
        points = choose_point(found, points, event.index)
        return points, *picture_to_measure(found, points)

    def ask_number(kind: str) -> dict:
        return gr.update(visible=kind in (FIELD_OF_VIEW, FOCAL_LENGTH), label=kind.capitalize())

    kind.change(ask_number, kind, number, show_progress='hidden')
    measuring = [points, measured, distance]
    shown = [prediction, *measuring, summary, scene, *maps.values(), *downloads.values()]
    button.click(_in_words(gr, predict), [photograph, kind, number], shown)
    # clicks while one is answered count, too
    measured.select(
        click, [prediction, points], measuring, show_progress='hidden', trigger_mode='multiple'
    )


def _video_tab(gr: ModuleType, predictor: DemoPredictor) -> None:
    with gr.Row():
        with gr.Column(min_width=300):
            video = gr.Video(
                sources=['upload', 'webcam'], label='Video', elem_id='video', buttons=[]
            )
            button = gr.Button('Predict depth', variant='primary', elem_id='predict_video')
        with gr.Column(min_width=300):
            depth = gr.Video(
                label='Video and depth; near is bright',
                interactive=False,
                elem_id='video_depth',
                buttons=['download'],
            )

    def predict(path: str | None) -> str:
        if path is None:
            raise UserError('give a video first')
        return str(predictor.predict_video(path))

    button.click(_in_words(gr, predict), video, depth)


def _in_words(gr: ModuleType, callback: Callable) -> Callable:
    """Let the page say what a user can mend."""

    @wraps(callback)
    def call(*args):
        try:
            return callback(*args)
        except UserError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return call
