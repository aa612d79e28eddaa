"""The verdicts that were stored with this version of sagin, beside those of a short run."""

import functools
import json
from collections.abc import Mapping
from importlib.resources import files

from sagin.report.page import Section

SHORT = "quick"
"""The profile whose verdicts are shown beside stored ones."""
KEYS = ("claim", "policy")
"""Columns that say which claim a row is about; a table may lack the second."""
COLUMN = "stored verdict"


@functools.cache
def verdicts() -> dict[str, dict[str, str]]:
    """Return for each study the stored verdict and its profile, by what `key` returns."""
    return json.loads((files("sagin.report") / "stored.json").read_text(encoding="utf-8"))


def key(row: Mapping[str, str]) -> str:
    """Return what a row of claims is about.

    >>> key({"claim": "a < b", "policy": "greedy", "verdict": "holds"})
    'a < b | greedy'
    """
    return " | ".join(row[name] for name in KEYS if name in row)


def beside(study: str, profile: str, section: Section) -> Section:
    """Return a section of a short run with its verdicts marked as such and the stored ones in a column of their own; another as it is."""
    columns, rows = section.claims
    if profile != SHORT or not rows:
        return section
    known = verdicts().get(study, {})
    told = [known.get(key(dict(zip(columns, row, strict=True))), "") for row in rows]
    claims = section.claims._replace(columns=(*columns, COLUMN), rows=[(*row, text) for row, text in zip(rows, told, strict=True)])
    return section._replace(claims=claims, note=f"Verdicts of the profile {SHORT}, a short run that decides little, and the stored ones.")
