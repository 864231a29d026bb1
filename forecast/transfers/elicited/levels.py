"""Names of what the rows of a stated prior share, and of what each has of its own."""

from __future__ import annotations


def factor_names(finalists: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the 2 K - 1 factors: mobilisation, swings, partisan mobilisations."""
    if len(finalists) == 2:
        return ("mobilisation", "swing", "partisan mobilisation")
    names = [f"swing to {f}" for f in finalists[:-1]]
    names += [f"partisan mobilisation of {f}" for f in finalists[:-1]]
    return ("mobilisation", *names)


def row_names(origins: tuple[str, ...], finalists: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the rows' own normals: preference, then participation by origin."""
    words = ["preference"]
    if len(finalists) > 2:
        words = [f"preference for {f}" for f in finalists[:-1]]
    return tuple(f"{o}: {word}" for o in origins for word in (*words, "participation"))
