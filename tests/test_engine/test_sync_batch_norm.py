"""BatchNorm of several processes is that of one with all their images."""

from collections import Counter

import pytest
import torch
from mmengine.dist import get_dist_info
from torch import distributed, nn
from torch._dynamo.testing import CompileCounterWithBackend
from torch.testing._internal.distributed.fake_pg import FakeStore
from torch.utils._python_dispatch import TorchDispatchMode

from depthdecomp_mm.engine.sync_batch_norm import SyncBatchNorm, share_statistics
from tests.builders import images, light_model
from tests.reliability.ranks import run_ranks

LAYERS = {
    'plain': dict(),
    'momentum of all batches': dict(momentum=None),
    'without parameters': dict(affine=False),
    'without running statistics': dict(track_running_stats=False),
}
SHARES = (slice(0, 3), slice(3, 4))  # processes need not have as many images as each other


def layers():
    torch.manual_seed(0)
    found = {name: nn.BatchNorm2d(3, **options) for name, options in LAYERS.items()}
    for layer in found.values():
        for parameter in layer.parameters():
            nn.init.uniform_(parameter, 0.5, 2.0)
    return found


def learn(layer, share=slice(None)):
    """Outputs, gradients and state of two steps on a share of four images."""
    generator = torch.Generator().manual_seed(0)
    offset = torch.tensor([0.0, 30.0, -3000.0]).view(3, 1, 1)  # where squares would cancel out
    found = []
    for _ in range(2):
        x = torch.randn(4, 3, 5, 7, generator=generator) + offset
        weights = torch.randn(4, 3, 5, 7, generator=generator)[share]
        x = x[share].requires_grad_()
        y = layer(x)
        (y * weights).sum().backward()
        found += [y.detach(), x.grad]
    grads = [p.grad for p in layer.parameters()]
    return found, grads, dict(layer.state_dict())


def learn_shares():
    rank, _ = get_dist_info()
    found = layers()
    for layer in found.values():
        share_statistics(layer)
    return {name: learn(layer, SHARES[rank]) for name, layer in found.items()}


def test_two_ranks_are_one_with_all_images(tmp_path):
    shared = run_ranks(learn_shares, 2, tmp_path)
    for name, layer in layers().items():
        maps, grads, state = learn(layer)
        parts = [ranks[name] for ranks in shared]
        for part, share in zip(parts, SHARES, strict=True):
            for ours, whole in zip(part[0], maps, strict=True):
                assert torch.allclose(ours, whole[share], atol=1e-3), name
            assert list(part[2]) == list(state)
            for key, value in state.items():
                assert part[2][key].dtype == value.dtype, (name, key)
                if 'running' in key or 'num' in key:
                    assert torch.allclose(part[2][key], value, rtol=1e-5), (name, key)
        for ours, theirs, whole in zip(parts[0][1], parts[1][1], grads, strict=True):
            assert torch.allclose(ours + theirs, whole, rtol=1e-5, atol=1e-3), name


class Operators(TorchDispatchMode):
    """Counts the operators that are run."""

    def __init__(self):
        super().__init__()
        self.seen = Counter()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.seen[func.overloadpacket._qualified_op_name] += 1
        return func(*args, **(kwargs or {}))


@pytest.fixture
def group_of_eight():
    """This process believes to be the first of eight; what the others say is undefined."""
    distributed.init_process_group('fake', store=FakeStore(), rank=0, world_size=8)
    yield
    distributed.destroy_process_group()


@pytest.fixture(scope='module')
def encoder():
    """Its layers have activations that timm fused into them."""
    return light_model(encoder=dict(model_name='mobilenetv3_small_050')).encoder


def test_a_step_waits_for_nothing(encoder, group_of_eight):
    image = images(2, (32, 64))
    with torch.no_grad():
        expected = encoder.eval()(image)
    share_statistics(encoder)
    with torch.no_grad():
        assert all(map(torch.equal, encoder(image), expected))
    count = sum(isinstance(module, SyncBatchNorm) for module in encoder.train().modules())
    with Operators() as operators:
        sum(value.sum() for value in encoder(image)).backward()
    assert count > 30
    collectives = {k: v for k, v in operators.seen.items() if k.startswith('c10d::')}
    assert collectives == {'c10d::allreduce_': 2 * count}
    waits = ('_local_scalar_dense', 'nonzero', 'masked_select', 'equal')
    assert not {f'aten::{name}' for name in waits} & set(operators.seen)


def test_a_network_stays_one_graph(encoder, group_of_eight):
    torch._dynamo.reset()
    timm_model = encoder.train().timm_model
    start = nn.Sequential(timm_model.conv_stem, timm_model.bn1, timm_model.blocks[:2])
    share_statistics(start)
    counter = CompileCounterWithBackend('aot_eager')
    compiled = torch.compile(start, backend=counter)
    for seed in range(2):
        compiled(images(2, (32, 64), seed)).sum().backward()
    assert counter.frame_count == 1
    assert sum(isinstance(module, SyncBatchNorm) for module in start.modules()) > 5
