"""The verdicts that were stored with this version of sagin, beside those of a short run."""

import functools
import json
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from typing import Any

from sagin.parameters import read_built_in, to_mapping
from sagin.report.page import Section

SHORT = "quick"
"""The profile whose verdicts are shown beside stored ones."""
KEYS = ("claim", "policy")
"""Columns that say which claim a row is about; a table may lack the second."""
OWN, COLUMN = "verdict", "stored verdict"
NOTE = (
    f"Numbers, reasons and the column 'verdict' are of the profile {SHORT}, a short run that decides little. The stored verdicts come with "
    "sagin and are of the longer profile that is named with them."
)


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


def beside(study: str, profile: str, scenario: Mapping[str, Any], section: Section) -> Section:
    """Return a section of a short run of the paper's scenario (as plain data) with the stored
    verdicts before its own; another as it is.
    """
    columns, rows = section.claims
    if profile != SHORT or not rows or scenario != _paper(study):
        return section
    known, at = verdicts().get(study, {}), columns.index(OWN)
    told = [known.get(key(dict(zip(columns, row, strict=True))), "") for row in rows]
    joined = [(*row[:at], text, *row[at:]) for row, text in zip(rows, told, strict=True)]
    claims = section.claims._replace(columns=(*columns[:at], COLUMN, *columns[at:]), rows=joined)
    return section._replace(claims=claims, note=NOTE)


def _paper(study: str) -> dict[str, Any]:
    module = import_module(f"sagin.{study}.scenario")
    return to_mapping(read_built_in(module.Scenario, module.SCENARIOS, "paper"))
