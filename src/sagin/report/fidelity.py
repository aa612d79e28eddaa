"""The table of fidelity: the fields of a scenario that a paper prints, leaves open or misprints."""

from collections.abc import Sequence
from typing import Any

from sagin.choices import Options, Span
from sagin.parameters import Parameter, list_fields
from sagin.report.tables import TextTable, drop_empty_columns, to_markdown

HEADINGS = {
    "open": "Left open by the paper, chosen here",
    "erratum": "Misprinted in the paper, corrected here",
    "paper": "As the paper prints it",
    "ours": "Beyond the paper",
}
COLUMNS = ("field", "symbol", "what", "value", "other readings", "searched", "source")
LONG = 4
"""Largest number of entries of a tuple that is printed in full."""


def format_default(value: Any) -> str:
    """Return a default value in short: a long tuple as the number of its entries.

    >>> format_default((1.0, 2.5)), format_default(None)
    ('1, 2.5', 'none')
    """
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        if len(value) > LONG:
            return f"{len(value)} entries"
        return ", ".join(map(format_default, value)) or "none"
    return "none" if value is None else str(value)


def format_prior(prior: Span | Options | None, unit: str = "") -> str:
    """Return the plausible values of a field for a search over readings, with their source.

    >>> format_prior(Span(28.0, 40.0, "TR 38.821"), "dBW/MHz")
    '28 to 40 dBW/MHz (TR 38.821)'
    """
    if prior is None:
        return ""
    if isinstance(prior, Options):
        return f"{', '.join(prior.names)} ({prior.source})"
    text = f"{prior.low:g} to {prior.high:g} {unit}".strip()
    return f"{text}{', in its logarithm' * prior.is_log} ({prior.source})"


def list_cells(name: str, parameter: Parameter, default: Any) -> Sequence[str]:
    """Return a field as cells of a table, in the order of COLUMNS."""
    value = f"{format_default(default)} {parameter.unit}".strip()
    searched = format_prior(parameter.prior, parameter.unit)
    texts = (parameter.symbol, parameter.text, value, parameter.other, searched, parameter.source)
    return (f"`{name}`", *texts)


def make_fidelity_table(scenario: type) -> str:
    """Return the fields of a scenario class, or of settings, as Markdown.

    There is one table per mark, the open ones first.
    """
    parts = []
    for mark, heading in HEADINGS.items():
        rows = [list_cells(*field) for field in list_fields(scenario) if field[1].mark == mark]
        if rows:
            parts.append(
                f"### {heading}\n\n{to_markdown(drop_empty_columns(TextTable(COLUMNS, rows)))}"
            )
    return "\n\n".join(parts)
