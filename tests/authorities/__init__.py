"""Published reference values, one JSON file per group, each entry with its source and tolerance."""

import json
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent


def entries(*groups: str) -> list[dict[str, Any]]:
    """Return the entries of the groups; a group is the name of a file in this folder."""
    return [
        entry
        for group in groups
        for entry in json.loads((FOLDER / f"{group}.json").read_text())["entries"]
    ]


def check(entry: dict[str, Any], value: Any) -> None:
    """Assert that the value agrees with the entry's, element by element, within the entry's own
    tolerance.
    """
    expected = np.asarray(entry["expected"], dtype=float)
    tolerance = (entry["tol_abs"] or 0.0) + (entry["tol_rel"] or 0.0) * np.abs(expected)
    found = np.asarray(value, dtype=float)
    assert found.shape == expected.shape, (
        f"{entry['id']}: shape {found.shape}, expected {expected.shape}"
    )
    off = np.abs(found - expected)
    assert np.all(off <= tolerance), (
        f"{entry['id']}: {found} differs from {expected} by {off} {entry['unit']}, "
        f"allowed {tolerance}"
    )
