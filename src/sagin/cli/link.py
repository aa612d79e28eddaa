"""`sagin link`: show the budget of one link, line by line, with sources."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from sagin.cli.common import AsJson, print_json, print_table

Name = Annotated[
    str | None,
    typer.Argument(
        metavar="[LINK]",
        help=(
            "A TOML file, or the name of a built-in link. Without a name, list the built-in "
            "links, loss models and antenna patterns."
        ),
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="FIELD=VALUE",
        help="Change a field of the link, such as receiver.antenna.gain_dbi=30. May be repeated.",
    ),
]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="Loss model that replaces the link's own models. May be repeated; the losses add up.",
    ),
]


def link(
    name: Name = None,
    *,
    changes: Changes = None,
    model: Models = None,
    show: Annotated[
        bool, typer.Option("--show", help="Print the link as TOML with units and ranges.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the budget of one link: geometry, both ends, losses, C/N, and whether a demand is met.

    The fields `demand.rate_mbit_s` and `demand.carrier_to_noise_db` set the
    demand.
    """
    from sagin.links import compute_link
    from sagin.parameters import to_mapping, to_toml

    if name is None:
        list_tables(as_json)
        return
    overrides = list(changes or ())
    if model:
        overrides.append(f"losses.models={model}")
    checked = load_link(name, tuple(overrides))
    if show:
        sys.stdout.write(to_toml(checked))
        return
    report = compute_link(checked)
    if as_json:
        print_json({"link": to_mapping(checked)} | report.to_mapping())
    else:
        print_report(name, report)


def load_link(name: str, overrides: tuple[str, ...]) -> Any:
    """Load and check a link, by its built-in name or from a TOML file, with overrides."""
    from sagin.links import LINKS, Link, build_link, check_link
    from sagin.parameters import read_toml

    path = Path(name)
    if path.suffix or (name not in LINKS and path.exists()):
        return check_link(read_toml(Link, path, overrides), name)
    return build_link(name, overrides)


def print_report(name: str, report: Any) -> None:
    """Print a budget as a table, with the verdict on its demand below it."""
    rows = [
        (line.part, line.name, f"{line.value:.2f}", line.unit, line.source) for line in report.lines
    ]
    verdict = {None: "no demand is set", True: "demand met: pass", False: "demand not met: fail"}
    note = verdict[report.is_met]
    columns = ("part", "line", "value", "unit", "source")
    print_table(f"Budget of {name}", columns, rows, note, numbers=False)


def list_tables(as_json: bool) -> None:
    """Print the built-in links, the loss models and the antenna patterns."""
    from sagin.links import LINKS, MODELS, PATTERNS

    if as_json:
        links = {name: text for name, (text, _) in LINKS.items()}
        models = {name: f"{row.text} ({row.source})" for name, row in MODELS.items()}
        patterns = {name: f"{row.text} ({row.source})" for name, row in PATTERNS.items()}
        print_json({"links": links, "models": models, "patterns": patterns})
        return
    rows = [(name, text) for name, (text, _) in LINKS.items()]
    note = "sagin link NAME --show > mine.toml writes one as a file"
    print_table("Links", ("name", "description"), rows, note, numbers=False)
    columns = ("name", "description", "holds from", "to", "source")
    limits = [
        (name, row, [f"{edge:g} GHz" for edge in row.frequency_ghz]) for name, row in MODELS.items()
    ]
    rows = [(name, row.text, *edges, row.source) for name, row, edges in limits]
    print_table("Loss models", columns, rows, numbers=False)
    rows = [(name, row.text, row.source) for name, row in PATTERNS.items()]
    print_table("Antenna patterns", ("name", "description", "source"), rows, numbers=False)


def register(app: typer.Typer) -> None:
    """Add the command `link`."""
    app.command()(link)
