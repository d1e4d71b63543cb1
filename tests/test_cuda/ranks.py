"""A model on one of eight GPUs, whose group only pretends to communicate."""

import os
from contextlib import contextmanager
from unittest import mock

import torch
from mmengine.logging import MMLogger
from mmengine.model import MMDistributedDataParallel
from mmengine.registry import MODEL_WRAPPERS
from torch import distributed, nn
from torch.testing._internal.distributed.fake_pg import FakeStore

from depthdecomp_mm.engine import DepthRunner


@MODEL_WRAPPERS.register_module()
class WithoutReducer(nn.Module):
    """``MMDistributedDataParallel`` but for what averages gradients: C++ that asks for data."""

    train_step = MMDistributedDataParallel.train_step
    _run_forward = MMDistributedDataParallel._run_forward
    detect_anomalous_params = False

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, *args, **kwargs):
        return self.module(*args, **kwargs)


@contextmanager
def eight_ranks():
    """The first of eight processes that talk over NCCL, as MMEngine sees it."""
    cuda = torch.device('cuda', 0)
    distributed.init_process_group('fake', rank=0, world_size=8, store=FakeStore())
    try:
        with (
            mock.patch.dict(os.environ, LOCAL_RANK='0'),
            mock.patch('mmengine.dist.dist.get_comm_device', lambda *_: cuda),
        ):
            yield
    finally:
        distributed.destroy_process_group()


def wrapped(cfg, model):
    """What the runner makes of a model for distributed training on GPUs."""
    runner = DepthRunner.__new__(DepthRunner)
    runner.cfg, runner._distributed = cfg, True
    runner.logger = MMLogger.get_current_instance()
    with mock.patch('torch.cuda.is_available', lambda: True):
        return runner.wrap_model(dict(type='WithoutReducer'), model)
