"""Sphinx: ``pip install -e '.[docs]' && sphinx-build -W docs site``."""

from mmcv.transforms.utils import cache_randomness

from depthdecomp_mm.version import __version__

project = 'depthdecomp_mm'
version = release = __version__
html_title = f'{project} {version}'
extensions = ['myst_parser', 'sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'sphinx_copybutton']
suppress_warnings = ['misc.highlighting_failure']  # {{_base_.name}} of configs is no Python

myst_heading_anchors = 4

autodoc_member_order = 'bysource'
autodoc_typehints = 'signature'
autodoc_default_options = {'show-inheritance': True}
autodoc_preserve_defaults = True
napoleon_use_ivar = True
napoleon_use_rtype = False
python_use_unqualified_type_names = True
add_module_names = False

html_theme = 'furo'
html_static_path = ['site.css']
html_css_files = ['site.css']
html_extra_path = ['rooms_results.json', 'pretrained_results.json', 'few_shot_results.json']
html_copy_source = False
html_show_copyright = False

# mmcv's decorator cannot be looked at on a class, which Sphinx does with every member
bind = cache_randomness.__get__
cache_randomness.__get__ = lambda self, obj, cls=None: (
    bind(self, obj, cls) if obj is not None else self
)


def skip_field(app, what, name, obj, skip, options) -> bool | None:
    """Leave out the fields of named tuples, which their class describes."""
    return True if (getattr(obj, '__doc__', '') or '').startswith('Alias for field') else None


def setup(app) -> None:
    """Called by Sphinx."""
    app.connect('autodoc-skip-member', skip_field)
