"""Verdicts as tables, and the verdicts of long runs in the package."""

import json
import math
from collections.abc import Mapping, Sequence
from importlib.resources import files

from sagin.report.tables import (
    TextTable,
    drop_empty_columns,
    format_gain,
    format_interval,
    format_number,
)
from sagin.studies.claim import Claim, Verdict, read_verdicts
from sagin.studies.figure import Figure
from sagin.studies.statistics import Interval

COLUMNS = (
    "claim",
    "method",
    "printed",
    "ours",
    "with the caption's factor",
    "at",
    "p (Holm)",
    "seeds",
    "stored verdict",
    "verdict",
    "reason",
)
LARGEST_GAIN = 1000
"""Largest gain that is shown, %; a larger one is a ratio to nearly zero, so the number is
meaningless.
"""
STORED_FOLDER = files("sagin.report") / "stored"
STORED_NOTE = (
    "Numbers, reasons and the column 'verdict' are of the profile {profile}, a short run that "
    "decides little. The stored verdicts come with sagin and are of the longer profile that is "
    "named with them."
)


def tabulate_verdicts(
    claims: Sequence[Claim],
    verdicts: Sequence[Verdict],
    figures: Sequence[Figure],
    stored: Mapping[str, str] | None = None,
) -> TextTable:
    """Return one row of text per verdict, in the order of COLUMNS without empty ones.

    Methods are named if they alone distinguish claims with the same text.

    Args:
        claims: claims of the paper; the judged ones are found by their ids.
        verdicts: verdicts to tabulate.
        figures: figures of the paper, which name the swept parameter.
        stored: verdicts in the package, by the claims' ids.
    """
    claim_of = {claim.id: claim for claim in claims}
    figure_of = {figure.id: figure for figure in figures}
    texts = [_describe_claim(claim_of[verdict.claim]) for verdict in verdicts]
    repeated = len(set(texts)) < len(texts)
    rows = []
    for verdict, text in zip(verdicts, texts, strict=True):
        claim = claim_of[verdict.claim]
        sweep = figure_of[claim.figure].x_label
        row = (
            text,
            _name_methods(claim) if repeated else "",
            _format_printed(claim),
            format_estimate(claim, verdict),
            "" if verdict.scaled is None else f"{format_number(verdict.scaled, sign=True)} %",
            "" if verdict.at is None else f"{sweep}: {verdict.at:g}",
            "" if verdict.p_holm is None else format_number(verdict.p_holm),
            str(verdict.seeds or ""),
            (stored or {}).get(claim.id, ""),
            verdict.verdict,
            verdict.reason,
        )
        rows.append(row)
    return drop_empty_columns(TextTable(COLUMNS, rows))


def _describe_claim(claim: Claim) -> str:
    return f"{claim.text} ({claim.source})"


def _name_methods(claim: Claim) -> str:
    """Return the methods of a claim, if several claims have the same text."""
    if claim.rival in ("", claim.method):
        return claim.method
    return f"{claim.method} against {claim.rival}"


def _format_printed(claim: Claim) -> str:
    if claim.printed is None:
        return ""
    return f"{claim.printed:g} %" if claim.kind in ("gain", "exceeds") else f"{claim.printed:g}"


def format_estimate(claim: Claim, verdict: Verdict) -> str:
    """Return the number that decides a claim, with its interval."""
    interval = Interval(verdict.estimate, verdict.low, verdict.high)
    if verdict.unit == "%" and abs(verdict.estimate) > LARGEST_GAIN:
        return f"beyond {'+' if verdict.estimate > 0 else '−'}{LARGEST_GAIN} %"
    if claim.kind == "crosses":
        return "never" if verdict.estimate == math.inf else format_interval(interval)
    if verdict.unit == "%":
        return format_gain(interval)
    return format_interval(interval, verdict.unit, sign=True)


def find_stored_verdicts(paper: str) -> dict[str, str]:
    """Return the verdicts on a paper in the package, with their profile, by claim."""
    path = STORED_FOLDER / f"{paper}.json"
    if not path.is_file():
        return {}
    content = path.read_text(encoding="utf-8")
    verdicts = read_verdicts(content, path.name)
    profile = json.loads(content)["provenance"].get("profile", "")
    return {claim: f"{verdict.verdict}, profile {profile}" for claim, verdict in verdicts.items()}
