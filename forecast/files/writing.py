"""Files are written whole or not at all."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Sequence
from contextlib import suppress
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
    try:
        if not os.path.isdir(path.parent):
            raise InputError(f"{path}: No such file or directory {path.parent}; make it first")
        if stat.S_IFMT(path.stat().st_mode) != stat.S_IFREG:
            raise InputError(
                f"{path}: must be a file - found a directory, device or pipe; choose another name"
            )
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise _unwritable(path, error) from None
    return path


def _unwritable(path: Path, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return InputError(
        f"{path}: must be a place where a file can be written - {reason}; choose another path or "
        "make room"
    )


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
    path = check_place(path)
    temporary = ""
    try:
        raw = content.encode() if isinstance(content, str) else content
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".forecast-", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(temporary, 0o666 & ~mask)
        os.replace(temporary, path)
        temporary = ""
    except (OSError, ValueError) as error:
        raise _unwritable(path, error) from None
    finally:
        if temporary:
            with suppress(OSError):
                os.unlink(temporary)
    return path
