"""`sagin scenarios` and `sagin schema`: what there is to run, with every field, unit, range and
source.
"""

import sys
from typing import Annotated

import typer

from sagin.cli.common import (
    SYSTEMS,
    AsJson,
    System,
    load_built_in,
    print_json,
    print_table,
    scenario_module,
)


def scenarios(
    system: Annotated[
        System | None, typer.Argument(help="Which system's; both if none is given.")
    ] = None,
    show: Annotated[
        str | None,
        typer.Option(
            "--show",
            metavar="NAME",
            help="Print this scenario as TOML, with units, ranges and sources as comments.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the built-in scenarios, or print one as a file to start your own from; of a name in both
    systems, relaying's.
    """
    from sagin.parameters import to_mapping, to_toml

    systems = SYSTEMS if system is None else (system,)
    listed = {
        name: {one: text for one, (text, _) in scenario_module(name).SCENARIOS.items()}
        for name in systems
    }
    if show is not None:
        holder = next((name for name in systems if show in listed[name]), systems[0])
        scenario = load_built_in(holder, show)
        if as_json:
            print_json(to_mapping(scenario))
        else:
            sys.stdout.write(to_toml(scenario))
    elif as_json:
        print_json(listed)
    else:
        rows = [(name, one, text) for name in systems for one, text in listed[name].items()]
        note = "sagin scenarios SYSTEM --show NAME > mine.toml makes one your own"
        print_table("Scenarios", ("system", "name", "what it is"), rows, note, numbers=False)


def print_schema(
    system: Annotated[System, typer.Argument(help="Which system's.")] = "relaying",
) -> None:
    """Print the JSON Schema of a system's scenario, for editors that check and complete TOML or
    JSON.
    """
    from sagin.parameters import make_schema

    print_json(make_schema(scenario_module(system).Scenario))


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command()(scenarios)
    app.command("schema")(print_schema)
