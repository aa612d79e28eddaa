"""`sagin reproduce`: a paper's figures and the verdicts on its claims."""

from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import typer

from sagin.cli.common import SYSTEMS, AsJson, Overrides, Quiet, load, print_json, print_table, progress, writable, written


def reproduce(
    paper: Annotated[Literal["relaying", "slicing", "all"], typer.Argument(help="Which paper's system; all puts them on one page.")],
    figures: Annotated[list[str] | None, typer.Argument(metavar="[FIGURE]...", help="Figures by name; all if none is given.")] = None,
    *,
    profile: Annotated[
        Literal["quick", "paper"], typer.Option("--profile", help="How much is run a point: quick, or paper for what results/ holds.")
    ] = "quick",
    scenario: Annotated[str, typer.Option("--scenario", help="A TOML file or the name of a built-in scenario to vary.")] = "paper",
    overrides: Overrides = None,
    choices: Annotated[
        bool, typer.Option("--choices", help="Also run what the relaying paper leaves open, one choice at a time, at its most users.")
    ] = False,
    optimum: Annotated[
        bool, typer.Option("--optimum", help="Also measure how far each placement of relays is from the best one (a minute).")
    ] = False,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where results are stored as they finish, and figures and the page are written.")
    ] = Path("out"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Reproduce a paper's figures, judge its claims, and write figures and a page; what is already stored in DIR is not run again."""
    from sagin.errors import InputError
    from sagin.report.page import write_page

    names = [name for name in SYSTEMS if paper in (name, "all")]
    if len(names) > 1 and figures:
        raise InputError(f"[FIGURE]: figures are one paper's, not those of all (allowed with: {', '.join(SYSTEMS)})")
    planned = [plan(name, figures or [], profile, (scenario, tuple(overrides or ()))) for name in names]
    refuse(paper, planned, {"choices": choices, "optimum": optimum})
    places = {one.name: out / one.name if paper == "all" else out for one in planned}
    for folder in places.values():
        writable(folder)
    found = [finish(one, places[one.name], choices=choices, optimum=optimum, quiet=quiet) for one in planned]
    claims = [row for one in found for row in one.claims]
    if as_json:
        print_json(claims)
    else:
        for one, made in zip(planned, found, strict=True):
            title = f"Claims of the {one.name} paper ({profile}: {one.study.amount(one.profile)})"
            show(title, made.claims)
    page = write_page(out, {places[one.name].relative_to(out).as_posix(): made.section for one, made in zip(planned, found, strict=True)})
    written([*(path for made in found for path in made.paths), page])


class Plan(NamedTuple):
    """What is to be run of a paper's study, all of it checked."""

    name: str
    study: Any
    figures: list[Any]
    scenario: Any
    profile: Any
    tasks: list[dict[str, Any]]


class Made(NamedTuple):
    """What came out of a study."""

    claims: list[dict[str, str]]
    paths: list[Path]
    section: Any


def plan(name: str, figures: list[str], profile: str, asked: tuple[str, tuple[str, ...]]) -> Plan:
    """Return what is to be run of a paper; InputError if a figure or a field is wrong."""
    import importlib

    from sagin.experiments.study import figures_named

    study = importlib.import_module(f"sagin.report.{name}").REPRODUCTION
    scenario, amount = load(name, *asked), study.profiles[profile]
    wanted = figures_named(study.figures, figures)
    return Plan(name, study, wanted, scenario, amount, study.tasks(wanted, scenario, amount))


def refuse(paper: str, planned: list[Plan], given: dict[str, bool]) -> None:
    """Raise InputError if an option was given that no chosen study has."""
    from sagin.errors import InputError

    for option, asked in given.items():
        if asked and all(getattr(one.study, option) is None for one in planned):
            raise InputError(f"--{option}: the study '{paper}' has none (allowed with: relaying)")


def finish(one: Plan, folder: Path, *, choices: bool, optimum: bool, quiet: bool) -> Made:
    """Run what a folder lacks of a study, write its files from there, and return what they say."""
    from sagin.experiments.store import Store

    study, store = one.study, Store(folder)
    tasks = one.tasks + (study.choices(one.scenario, one.profile) if choices and study.choices else [])
    with progress(one.name, sum(map(study.work, tasks)), quiet) as advance:
        study.run(store, tasks, advance)
    extra = [study.optimum(folder, one.scenario, one.profile)] if optimum and study.optimum else []
    paths, section = study.write(store, one.figures, one.scenario, one.profile)
    rows = [dict(zip(section.claims.columns, row, strict=True)) for row in section.claims.rows]
    return Made(rows, [*extra, *paths], section)


def show(title: str, claims: list[dict[str, str]]) -> None:
    """Print a paper's claims, if the figures decide any."""
    if claims:
        print_table(title, tuple(claims[0]), [tuple(row.values()) for row in claims], numbers=False)


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(reproduce)
