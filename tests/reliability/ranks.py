"""Several ranks on this machine, without the cost of launching an interpreter for each."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from mmengine import dist


def run_ranks(function: Callable, world_size: int, folder: Path, *args) -> list[Any]:
    """Run a function in so many processes that form a gloo group.

    Args:
        function: Called with ``args`` in each process.
        world_size (int): Number of processes.
        folder (Path): An empty folder for the processes to meet.

    Returns:
        list: What the function returned, by rank.
    """
    fork = multiprocessing.get_context('fork')
    processes = [
        fork.Process(target=_run, args=(function, rank, world_size, folder, args))
        for rank in range(world_size)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert not any(process.exitcode for process in processes)
    return [torch.load(folder / f'{r}.pt', weights_only=False) for r in range(world_size)]


def _run(function: Callable, rank: int, world_size: int, folder: Path, args: tuple) -> None:
    torch.set_num_threads(1)
    os.environ['LOCAL_RANK'] = str(rank)  # as launchers set it
    store = f'file://{folder / "store"}'
    torch.distributed.init_process_group('gloo', store, rank=rank, world_size=world_size)
    result = function(*args)
    torch.save(result, folder / f'{rank}.pt')
    dist.barrier()
    torch.distributed.destroy_process_group()
