"""Open a page in the browser that predicts photographs and videos.

The page shows depth and its decomposition, a point cloud to turn and distances between points, and
gives the files. It runs on this computer, needs no network and tells nobody of it.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from depthdecomp_mm.apis.demo import DemoPredictor, build_page, launch_page
from depthdecomp_mm.apis.demo.camera import FOCAL_LENGTH
from depthdecomp_mm.apis.demo.page import import_gradio
from depthdecomp_mm.command_line import positive_int, run
from depthdecomp_mm.models.encoders.package_weights import SHIPPED
from depthdecomp_mm.network_command_line import add_network_options, make_inferencer

OFFICE = Path(__file__).parent / 'office.jpg'
EXAMPLES = [('An office, focal length 535.4 pixels', str(OFFICE), FOCAL_LENGTH, 535.4)]


def parse_args(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        '--checkpoint',
        default=SHIPPED,
        help='checkpoint file, hf://OWNER/NAME or https address (default: the small network that '
        'comes with the package)',
    )
    parser.add_argument('--amp', action='store_true', help='mixed precision')
    parser.add_argument(
        '--host', default='127.0.0.1', help='0.0.0.0 lets other computers in (default: %(default)s)'
    )
    parser.add_argument(
        '--port', type=positive_int, help='default: the first that is free from 7860 on'
    )
    parser.add_argument('--open', action='store_true', help='open the page in the browser')
    add_network_options(parser)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    import_gradio()  # before the network is made
    inferencer = make_inferencer(args, amp=args.amp)
    inferencer.outputs = tuple(name for name in inferencer.model.outputs if name != 'metric')
    with tempfile.TemporaryDirectory(prefix='depthdecomp_demo_') as folder:
        page = build_page(DemoPredictor(inferencer, folder), EXAMPLES)
        url = launch_page(page, args.host, args.port, inbrowser=args.open, prevent_thread_lock=True)
        print(f'The page is at {url} until Ctrl-C', flush=True)
        try:
            Event().wait()
        finally:
            page.close(verbose=False)


if __name__ == '__main__':
    run(main, 'the page is closed')
