"""`sagin scenarios` and `sagin schema`: built-in scenarios; fields with unit, range and source."""

import sys
from typing import Annotated

import typer

from sagin.cli.common import AsJson, print_json, print_table

System = Annotated[
    str | None, typer.Argument(help="Name of a paper's system. Default: all systems.")
]


def scenarios(
    system: System = None,
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
    """List the built-in scenarios, or print one as a file to start from.

    If several systems have a scenario of this name, the first system's scenario
    is printed.
    """
    from sagin.papers import REGISTRY, find_paper
    from sagin.parameters import to_mapping, to_toml

    papers = {name: find_paper(name) for name in ([system] if system else REGISTRY)}
    texts = {
        name: {scenario: text for scenario, (text, _) in paper.scenario_module().SCENARIOS.items()}
        for name, paper in papers.items()
    }
    if show is not None:
        owner = next((name for name in papers if show in texts[name]), next(iter(papers)))
        scenario = papers[owner].load_scenario(show)
        if as_json:
            print_json(to_mapping(scenario))
        else:
            sys.stdout.write(to_toml(scenario))
    elif as_json:
        print_json(texts)
    else:
        rows = [(name, *row) for name in texts for row in texts[name].items()]
        note = "sagin scenarios SYSTEM --show NAME > mine.toml writes one as a file"
        print_table("Scenarios", ("system", "name", "description"), rows, note, numbers=False)


def schema(system: System = None) -> None:
    """Print the JSON Schema of a system's scenario. Default: the first system.

    Editors use it to check and complete TOML or JSON.
    """
    from sagin.papers import REGISTRY, find_paper
    from sagin.parameters import make_schema

    paper = find_paper(system or next(iter(REGISTRY)))
    print_json(make_schema(paper.scenario_module().Scenario))


def register(app: typer.Typer) -> None:
    """Add the commands `scenarios` and `schema`."""
    app.command()(scenarios)
    app.command()(schema)
