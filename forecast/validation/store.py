"""Finished work on disk: whole files, named by the digest of what they depend on."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from forecast.arrays import FloatArray
from forecast.files.writing import made_folder, write_whole


@dataclass(frozen=True)
class Store:
    """Folder of finished folds; a file is there whole or not at all, and is never executed."""

    folder: Path

    def __post_init__(self) -> None:
        made_folder(self.folder)

    def read(self, address: str) -> FloatArray | None:
        """Return a result, or None if there is none that is as it was kept.

        What was cut, changed or given another name lacks the seal it states and counts as missing,
        so that it is computed again.
        """
        try:
            content = io.BytesIO((self.folder / f"{address}.npz").read_bytes())
            with np.load(content, allow_pickle=False) as file:
                result = np.asarray(file["draws"], dtype=np.float64)
                return result if str(file["seal"]) == _seal(address, result) else None
        except (OSError, ValueError, KeyError, EOFError, RuntimeError, BadZipFile, zlib.error):
            return None

    def write(self, address: str, result: FloatArray) -> None:
        """Keep a result."""
        buffer = io.BytesIO()
        np.savez(buffer, draws=result, seal=np.array(_seal(address, result)))
        write_whole(self.folder / f"{address}.npz", buffer.getvalue())


def _seal(address: str, result: FloatArray) -> str:
    """Return the SHA-256 of a result, its shape and what it depends on."""
    content = np.ascontiguousarray(result, dtype=np.float64)
    return sha256(f"{address} {content.shape} ".encode() + content.tobytes()).hexdigest()
