"""Child registries of MMEngine's roots, under the scope ``depthdecomp_mm``.

An installed package is found by its scope alone: ``dict(type='depthdecomp_mm.DepthDecomposer')``
works from any MMEngine project without ``custom_imports``.
"""

from mmengine import registry as root
from mmengine.registry import Registry

from .mmengine_internals import default_scopes


def _child(parent: Registry, location: str = 'engine') -> Registry:
    return Registry(
        parent.name,
        parent=parent,
        scope='depthdecomp_mm',
        locations=[f'depthdecomp_mm.{location}'],
    )


DATASETS = _child(root.DATASETS, 'datasets')
DATA_SAMPLERS = _child(root.DATA_SAMPLERS, 'datasets.samplers')
TRANSFORMS = _child(root.TRANSFORMS, 'datasets.transforms')
MODELS = _child(root.MODELS, 'models')
METRICS = _child(root.METRICS, 'evaluation')
VISUALIZERS = _child(root.VISUALIZERS, 'visualization')
INFERENCERS = _child(root.INFERENCERS, 'apis')
FUNCTIONS = _child(root.FUNCTIONS, 'apis')
RUNNERS = _child(root.RUNNERS)
HOOKS = _child(root.HOOKS)
# nothing of ours yet; without a child MMEngine warns of a missing scope at each look-up
EVALUATOR = _child(root.EVALUATOR)
LOG_PROCESSORS = _child(root.LOG_PROCESSORS)
LOOPS = _child(root.LOOPS)
MODEL_WRAPPERS = _child(root.MODEL_WRAPPERS)
OPTIM_WRAPPERS = _child(root.OPTIM_WRAPPERS)
OPTIM_WRAPPER_CONSTRUCTORS = _child(root.OPTIM_WRAPPER_CONSTRUCTORS)
OPTIMIZERS = _child(root.OPTIMIZERS)
PARAM_SCHEDULERS = _child(root.PARAM_SCHEDULERS)
STRATEGIES = _child(root.STRATEGIES)
TASK_UTILS = _child(root.TASK_UTILS)
VISBACKENDS = _child(root.VISBACKENDS)
WEIGHT_INITIALIZERS = _child(root.WEIGHT_INITIALIZERS)


def with_our_scope(config: dict | None, registry: Registry) -> dict | None:
    """Mark the config of a nested component, so that our names are found from any default scope.

    MMEngine looks names without a scope up in the default scope, which is the host project's where
    our model serves there. A type of ours, with or without prefix, gets ``_scope_``, and so do the
    components in it; any other type is left to the default scope.
    """
    if not isinstance(config, dict) or not isinstance(config.get('type'), str):
        return config
    name = config['type'].removeprefix(f'{registry.scope}.')
    registry.import_from_location()
    if name not in registry.module_dict or '_scope_' in config:
        return config
    return dict(config, type=name, _scope_=registry.scope)


def host_scope() -> str | None:
    """The default scope behind ours: the host project's, where our model serves there."""
    return next((name for name in reversed(default_scopes()) if name != MODELS.scope), None)
