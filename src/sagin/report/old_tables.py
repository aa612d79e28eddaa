"""Tables of results as Markdown."""

from collections.abc import Sequence
from pathlib import Path

from sagin.experiments.study import Judgement
from sagin.files import write_atomically
from sagin.report.tables import TextTable as Table
from sagin.studies.statistics import Interval, signed

CLAIM_COLUMNS = (
    "claim",
    "printed",
    "ours, as it is",
    "with the captions' factors",
    "where",
    "verdict",
    "why",
)


def percent(value: Interval) -> str:
    """Return a gain with the ends of its interval.

    >>> percent(Interval(3.2, 2.9, 3.5))
    '+3.20 % (+2.90 to +3.50)'
    """
    return f"{signed(value.estimate)} % ({signed(value.low)} to {signed(value.high)})"


def claim_rows(judgements: Sequence[Judgement]) -> list[tuple[str, ...]]:
    """Return one row of text a claim, in the order of CLAIM_COLUMNS."""
    return [_row(one) for one in judgements]


def _row(one: Judgement) -> tuple[str, ...]:
    claim = one.claim
    printed = "" if claim.printed is None else f"up to {claim.printed:.2f} %"
    text = f"{claim.text} ({claim.source})"
    unit = one.unit.removesuffix("s") if one.at == 1 else one.unit
    return (
        text,
        printed,
        percent(one.raw),
        f"{signed(one.scaled)} %",
        f"{one.at:g} {unit}",
        one.verdict,
        one.reason,
    )


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table as Markdown; text from files is escaped."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    return "\n".join(
        lines + ["| " + " | ".join(escape(cell) for cell in row) + " |" for row in rows]
    )


def write_markdown(path: Path, table: Table) -> Path:
    """Write a table as a Markdown file and return its path."""
    write_atomically(path, (markdown(*table) + "\n").encode())
    return path


def escape(text: str) -> str:
    """Return text that Markdown and HTML show as it is."""
    return (
        text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("|", "\\|")
        .replace("\n", " ")
    )
