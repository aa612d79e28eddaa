"""`sagin scenarios` and `sagin schema`: what there is to run, with every field, unit, range and source."""

import sys
from typing import Annotated

import typer

from sagin.cli.common import AsJson, print_json, print_table


def scenarios(
    show: Annotated[
        str | None, typer.Option("--show", metavar="NAME", help="Print this scenario as TOML, with units, ranges and sources as comments.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the built-in scenarios, or print one as a file to start your own from."""
    from sagin.parameters import to_mapping, to_toml
    from sagin.relaying.scenario import SCENARIOS, named

    if show is not None:
        chosen = named(show)
        if as_json:
            print_json(to_mapping(chosen))
        else:
            sys.stdout.write(to_toml(chosen))
    elif as_json:
        print_json({name: text for name, (text, _) in SCENARIOS.items()})
    else:
        rows = [(name, text) for name, (text, _) in SCENARIOS.items()]
        print_table("Scenarios", ("name", "what it is"), rows, "sagin scenarios --show NAME > mine.toml makes one your own", numbers=False)


def schema() -> None:
    """Print the JSON Schema of a scenario, for editors that check and complete TOML or JSON."""
    from sagin.parameters import schema as schema_of
    from sagin.relaying.scenario import Scenario

    print_json(schema_of(Scenario))


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(scenarios)
    app.command()(schema)
