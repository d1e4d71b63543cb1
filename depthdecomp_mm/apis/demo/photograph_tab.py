"""The tab of the page for photographs."""

# Annotations are no strings here: Gradio recognises an event by that of its argument.

from collections.abc import Sequence
from types import ModuleType

from depthdecomp_mm.errors import UserError

from .parts import camera_fields, in_words
from .pictures import choose_point, maps_of, picture_to_measure, summary_of
from .prediction import KEPT_SECONDS, DemoPredictor, Prediction

Example = tuple[str, str, str, float | None]
"""Name and path of a photograph, and its camera as :func:`~.camera.camera_of` takes it."""
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
BACKGROUND = (1.0, 1.0, 1.0, 1.0)
FROM_BEHIND = (90, 80, None)
"""Where the scene is looked at from: about the vertical, from the vertical (degrees), distance."""


def files_of(prediction: Prediction) -> dict[str, str]:
    """The files to take home, by the keys of :data:`DOWNLOADS`."""
    names = map(str, prediction.files)
    return {end: name for name in names for end in DOWNLOADS if name.endswith(end)}


def add_photograph_tab(
    gr: ModuleType, predictor: DemoPredictor, examples: Sequence[Example]
) -> None:
    """Lay out the tab, and say what its parts do."""
    prediction, points = gr.State(time_to_live=KEPT_SECONDS), gr.State([])
    with gr.Row():
        with gr.Column(min_width=300):
            inputs = _add_inputs(gr)
            button = gr.Button('Predict depth', variant='primary', elem_id='predict')
            summary = gr.Markdown(elem_id='summary')
        with gr.Column(min_width=300):
            measured = gr.Image(
                label='Measure: click two points', interactive=False, elem_id='measured', buttons=[]
            )
            distance = gr.Markdown(elem_id='distance')
    if examples:
        values, labels = [list(e[1:]) for e in examples], [e[0] for e in examples]
        gr.Examples(values, inputs, example_labels=labels)
    maps, scene, downloads = _add_outputs(gr)

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

    measuring = [points, measured, distance]
    shown = [prediction, *measuring, summary, scene, *maps.values(), *downloads.values()]
    button.click(in_words(gr, predict), inputs, shown)
    # clicks while one is answered count, too
    measured.select(
        click, [prediction, points], measuring, show_progress='hidden', trigger_mode='multiple'
    )


def _add_inputs(gr: ModuleType) -> list:
    """Fields for the photograph and its camera."""
    photograph = gr.Image(
        type='filepath',
        image_mode=None,  # the file as it came, with its EXIF tags
        sources=['upload', 'webcam', 'clipboard'],
        label='Photograph',
        buttons=['fullscreen'],
        elem_id='photograph',
    )
    return [photograph, *camera_fields(gr)]


def _add_outputs(gr: ModuleType) -> tuple:
    """Places for the maps by name, for the scene, and for the files by the ends of their names."""
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
    return maps, scene, downloads
