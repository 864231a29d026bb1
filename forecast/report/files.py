"""Files are written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from os import PathLike
from pathlib import Path

from forecast.errors import InputError

__all__ = ["check_place", "write_whole"]


def check_place(path: str | PathLike[str], endings: Sequence[str] = ()) -> Path:
    """Return `path`; raise `InputError` at once if a file with such an ending cannot go there."""
    path = Path(path)
    if endings and path.suffix not in endings:
        raise InputError(
            f"{path}: must end in {' or '.join(endings)} - found {path.suffix!r}; rename it"
        )
    if not path.parent.is_dir():
        raise InputError(f"{path}: No such file or directory {path.parent}; make it first")
    if path.is_dir():
        raise InputError(f"{path}: must be a file - found a directory; add a name")
    return path


def write_whole(path: str | PathLike[str], content: str | bytes) -> Path:
    """Write bytes, or text as UTF-8, so that readers see the old file or the new one, never a part.

    Returns
    -------
    Path
        Where it is.

    Raises
    ------
    InputError
        If the place cannot be written to; the old file, if any, is untouched.
    """
    path = Path(path)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}.", suffix=".part"
        )
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode() if isinstance(content, str) else content)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
    except OSError as error:
        if temporary and os.path.exists(temporary):
            os.unlink(temporary)
        raise InputError(
            f"{path}: must be a place where a file can be written - "
            f"{error.strerror or type(error).__name__}; choose another path or make room"
        ) from None
    return path
