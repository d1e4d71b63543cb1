"""What a converter wrote below a folder, so that it never writes over anything else."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.files import write_json, write_together

ADVICE = 'choose another --out, or move it away'


class Record:
    """The record of a converter's files below a folder, kept there as ``<tool>_record.json``.

    A file that is there may be replaced only if the record names it: a text (a list or a config)
    with a content that this converter gave it, an image or depth map with what it was made from.

    Args:
        out: Folder of the conversion.
        tool: Name of the converter.
        options: What the content of the images and depth maps depends on.

    Raises:
        SampleError: If the folder's record is damaged or of other options.
    """

    def __init__(self, out: Path, tool: str, options: dict | None = None) -> None:
        self.out = out
        self.path = out / f'{tool}_record.json'
        self._options = options or {}
        self._texts: dict[str, list[str]] = {}
        self._origins: dict[str, str] = {}
        if self.path.exists():
            self._load()

    def _load(self) -> None:
        try:
            content = json.loads(self.path.read_text())
            options = content['options']
            self._texts, self._origins = dict(content['texts']), dict(content['origins'])
        except (ValueError, TypeError, KeyError) as error:
            raise SampleError(f'{self.path}: no record of a conversion: {ADVICE}') from error
        if options != self._options:
            raise SampleError(
                f'{self.path}: the files in this folder were made with {options}, now asked for '
                f'{self._options}: choose another --out, or delete the folder'
            )

    def check_texts(self, names: Iterable[str]) -> None:
        """Make sure that texts may be written.

        Args:
            names: Paths relative to the folder.

        Raises:
            SampleError: If one is there that this converter did not write, or was changed since.
        """
        for name in names:
            path = self.out / name
            if os.path.lexists(path) and not self._is_ours(name):
                since = 'was changed since' if name in self._texts else 'is not of this converter'
                raise SampleError(f'{path}: is there and {since}: {ADVICE}')

    def _is_ours(self, name: str) -> bool:
        path = self.out / name
        return path.is_file() and _digest(path.read_bytes()) in self._texts.get(name, ())

    def write_texts(self, texts: Mapping[str, str]) -> None:
        """Write texts that belong together, as :func:`depthdecomp_mm.files.write_together`.

        Args:
            texts: Content by path relative to the folder.

        Raises:
            SampleError: As :meth:`check_texts`.
        """
        self.check_texts(texts)
        contents = {name: text.encode() for name, text in texts.items()}
        for name, content in contents.items():
            digests = self._texts.setdefault(name, [])
            digests += {_digest(content)} - set(digests)
        self._save()  # before the texts: what a kill leaves is known to be ours
        write_together({self.out / name: content for name, content in contents.items()})

    def claim(self, origins: Mapping[str, str]) -> None:
        """Make sure that images and depth maps may be written, and keep what they are made from.

        Files that are there but were made from something else are removed.

        Args:
            origins: By path relative to the folder, what the file is made from.

        Raises:
            SampleError: If a path leads out of the folder or cannot stand in a list, or a file is
                there that this converter did not write.
        """
        for name in origins:
            _check_inside(self.out, name)
        foreign = [
            name for name in origins.keys() - self._origins if os.path.lexists(self.out / name)
        ]
        if foreign:
            raise SampleError(
                f'{self.out / min(foreign)}: is there and not of this converter, as are '
                f'{len(foreign) - 1} others: {ADVICE}'
            )
        for name, origin in origins.items():
            if self._origins.get(name, origin) != origin:
                (self.out / name).unlink(missing_ok=True)
        self._origins.update(origins)
        self._save()

    def _save(self) -> None:
        content = dict(options=self._options, texts=self._texts, origins=self._origins)
        write_json(self.path, content, indent=1)


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def _check_inside(out: Path, name: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or '..' in path.parts or not name.isprintable():
        raise SampleError(f'{str(out / name)!r}: expected a printable path below {out}')
