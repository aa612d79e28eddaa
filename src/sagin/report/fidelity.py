"""The table of fidelity: every field of a scenario, and whether the paper prints, leaves open or
misprints it.
"""

from collections.abc import Iterable
from typing import Any

from sagin.parameters import Parameter, list_fields

HEADINGS = {
    "open": "Left open by the paper, chosen here",
    "erratum": "Misprinted in the paper, corrected here",
    "paper": "As the paper prints it",
    "ours": "Beyond the paper",
}


def shown(value: Any) -> str:
    """Return a default as a reader expects it: numbers in short, long tuples by their length."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        return (
            f"{len(value)} entries"
            if len(value) > 4
            else ", ".join(shown(item) for item in value) or "none"
        )
    return "none" if value is None else str(value)


def row(name: str, parameter: Parameter, default: Any) -> str:
    """Return a field as a row of a Markdown table."""
    value = f"{shown(default)} {parameter.unit}".strip()
    cells = [
        f"`{name}`",
        parameter.symbol,
        parameter.text,
        value,
        parameter.other,
        parameter.source,
    ]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def fidelity_table(scenario: type) -> str:
    """Return the fields of a scenario class, or of settings, as Markdown, one table for each mark
    that there is, the open ones first.
    """
    found = {
        mark: [field for field in list_fields(scenario) if field[1].mark == mark]
        for mark in HEADINGS
    }
    return "\n\n".join(_table(HEADINGS[mark], fields) for mark, fields in found.items() if fields)


def _table(heading: str, fields: Iterable[tuple[str, Parameter, Any]]) -> str:
    lines = [
        f"### {heading}",
        "",
        "| field | symbol | what | value | other readings | source |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join(lines + [row(*field) for field in fields])
