"""Published weights on a hub."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import CommitOperationAdd, HfApi

from depthdecomp_mm.engine.fetching import HUB_FILE
from depthdecomp_mm.errors import OutputError
from depthdecomp_mm.safetensors_file import read_safetensors

from .model_card import model_card


def push_to_hub(file: str | Path, name: str, private: bool = False) -> str:
    """Put published weights and their card into a repository on the hub, in one commit.

    The token is that of ``hf auth login`` or ``HF_TOKEN``.

    Args:
        file: What :func:`~depthdecomp_mm.apis.publishing.publish` wrote.
        name: ``OWNER/NAME`` of the repository, which is made if there is none.
        private: Whether a new one is private.

    Returns:
        Address of the commit.

    Raises:
        CheckpointError: If the file is damaged.
        OutputError: If the hub refuses, or cannot be reached.
    """
    card = model_card(read_safetensors(file)['meta'], name)
    files = {HUB_FILE: str(file), 'README.md': card.encode()}
    operations = [CommitOperationAdd(place, content) for place, content in files.items()]
    try:
        api = HfApi()
        api.create_repo(name, private=private, exist_ok=True)
        done = api.create_commit(name, operations, commit_message=f'Weights of {name}')
    except Exception as error:  # of the hub, the network, the name
        raise OutputError(f'hf://{name}: {str(error).strip() or type(error).__name__}') from error
    return done.commit_url
