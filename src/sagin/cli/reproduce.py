"""`sagin reproduce`: a paper's figures and the verdicts on its claims."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import typer

from sagin.cli.common import (
    SYSTEMS,
    AsJson,
    Overrides,
    Quiet,
    load,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
)

T = TypeVar("T")


def reproduce(
    paper: Annotated[
        Literal["relaying", "slicing", "all"],
        typer.Argument(help="Which paper's system; all puts them on one page."),
    ],
    figures: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FIGURE]...", help="Figures by name; all if none is given."),
    ] = None,
    *,
    profile: Annotated[
        Literal["quick", "standard", "paper"],
        typer.Option(
            "--profile",
            help="How much is run: quick (minutes), standard (ten seeds, hours), or as the papers (days).",
        ),
    ] = "quick",
    scenario: Annotated[
        str,
        typer.Option("--scenario", help="A TOML file or the name of a built-in scenario to vary."),
    ] = "paper",
    overrides: Overrides = None,
    choices: Annotated[
        bool,
        typer.Option(
            "--choices", help="Also run what the papers leave open, one choice at a time."
        ),
    ] = False,
    optimum: Annotated[
        bool,
        typer.Option(
            "--optimum",
            help="Also measure how far each placement of relays is from the best one (a minute).",
        ),
    ] = False,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(
            "--engine", help="Who runs the points: processes on this machine, or a Ray cluster."
        ),
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=4096,
            help="Points at a time; by default one a GPU, or else one a core.",
        ),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            "--address",
            metavar="HOST:PORT",
            help="Ray cluster; by default that of RAY_ADDRESS, or one started here.",
        ),
    ] = None,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="Where results are stored as they finish, and figures and the page are written.",
        ),
    ] = Path("out"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Reproduce a paper's figures, judge its claims, and write figures and a page; what is already
    stored in DIR is not run again.
    """
    from sagin.errors import InputError
    from sagin.experiments import engines

    names = [name for name in SYSTEMS if paper in (name, "all")]
    if len(names) > 1 and figures:
        raise InputError(
            f"[FIGURE]: figures are one paper's, not those of all (allowed with: {', '.join(SYSTEMS)})"
        )
    ask = Ask(names, figures or [], profile, (scenario, tuple(overrides or ())), choices, optimum)
    crew = engines.engine(engine, workers, address)
    launches = launch(ask) if isinstance(crew, engines.InTurn) else elsewhere(launch, ask)
    places = {name: out / name if paper == "all" else out for name in names}
    try:
        for name, one in launches.items():
            run(name, one, make_folder(places[name]), crew, quiet)
    finally:
        crew.stop()
    report(ask, places, out, as_json)


class Ask(NamedTuple):
    """What is asked for, as plain data."""

    names: list[str]
    figures: list[str]
    profile: str
    scenario: tuple[str, tuple[str, ...]]
    choices: bool
    optimum: bool


class Plan(NamedTuple):
    """What is to be run of a paper's study, all of it checked."""

    study: Any
    figures: list[Any]
    scenario: Any
    profile: Any


class Launch(NamedTuple):
    """What an engine needs of it: the name of a function, tasks each with its steps and programs,
    what the store keeps of it.
    """

    make: str
    tasks: list[tuple[dict[str, Any], int, Any]]
    kept: dict[str, Any]


def study_of(name: str) -> Any:
    """Return a paper's study."""
    import importlib

    return importlib.import_module(f"sagin.report.{name}").REPRODUCTION


def plan(ask: Ask, name: str) -> Plan:
    """Return what is to be run of a paper; InputError if a figure or a field is wrong."""
    from sagin.errors import InputError
    from sagin.experiments.study import figures_named

    study = study_of(name)
    if ask.profile not in study.profiles:
        raise InputError(
            f"--profile {ask.profile}: the study '{name}' has none (allowed: {', '.join(study.profiles)})"
        )
    profile = study.profiles[ask.profile]
    wanted = figures_named(study.figures, ask.figures)
    figures = [one for one in wanted if study.fits(one, profile)]
    if ask.figures and (lacking := next((one for one in wanted if one not in figures), None)):
        having = ", ".join(
            f"--profile {other}"
            for other, much in study.profiles.items()
            if study.fits(lacking, much)
        )
        raise InputError(
            f"figure {lacking.name!r}: the profile {ask.profile} has not all that it shows (allowed with: {having})"
        )
    return Plan(study, figures, load(name, *ask.scenario), profile)


def launch(ask: Ask) -> dict[str, Launch]:
    """Return the tasks of all papers; InputError if an option was given that none of their studies
    has.
    """
    from sagin.errors import InputError
    from sagin.report.old_reproduction import plain

    plans = {name: plan(ask, name) for name in ask.names}
    for option in ("choices", "optimum"):
        if getattr(ask, option) and all(
            getattr(one.study, option) is None for one in plans.values()
        ):
            having = ", ".join(
                name for name in SYSTEMS if getattr(study_of(name), option) is not None
            )
            raise InputError(
                f"--{option}: the study '{', '.join(ask.names)}' has none (allowed with: {having})"
            )
    launches = {}
    for name, (study, figures, scenario, profile) in plans.items():
        tasks = study.tasks(figures, scenario, profile)
        tasks += study.choices(scenario, profile) if ask.choices and study.choices else []
        launches[name] = Launch(
            study.make,
            [(one, study.work(one), study.program(one)) for one in tasks],
            plain(name, figures, scenario, profile),
        )
    return launches


def elsewhere(function: Callable[[Ask], T], ask: Ask) -> T:
    """Return what a function returns in a process of its own, so that this one doesn't load JAX."""
    import multiprocessing
    import signal
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        1, context, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    ) as pool:
        return pool.submit(function, ask).result()


def run(name: str, one: Launch, folder: Path, crew: Any, quiet: bool) -> None:
    """Run what a folder lacks of a study."""
    from sagin.experiments import engines
    from sagin.experiments.store import Store, digest
    from sagin.report.old_reproduction import keep

    keep(folder, one.kept)
    about = {digest(task): rest for task, *rest in one.tasks}
    steps, programs = (lambda task, place=place: about[digest(task)][place] for place in range(2))
    with progress(name, sum(count for _, count, _ in one.tasks), quiet) as advance:
        tasks = [task for task, *_ in one.tasks]
        engines.fill(Store(folder), tasks, one.make, steps, advance, engine=crew, program=programs)


def report(ask: Ask, places: dict[str, Path], out: Path, as_json: bool) -> None:
    """Write each study's files from its folder, and the page, and print the claims."""
    from sagin.experiments.store import Store
    from sagin.parameters import to_mapping
    from sagin.report.old_stored import beside

    made = {}
    for name, folder in places.items():
        study, figures, scenario, profile = plan(ask, name)
        extra = [study.optimum(folder, scenario, profile)] if ask.optimum and study.optimum else []
        paths, section = study.write(Store(folder), figures, scenario, profile)
        section = beside(name, ask.profile, to_mapping(scenario), section)
        made[folder] = (
            f"Claims of the {name} paper ({ask.profile}: {study.amount(profile)})",
            [*extra, *paths],
            section,
        )
    show(made, out, as_json)


def show(made: dict[Path, tuple[str, list[Path], Any]], out: Path, as_json: bool) -> None:
    """Write the page of sections by folder, print their claims under their titles, and name the
    files.
    """
    from sagin.report.page import write_page

    claims = {
        title: [dict(zip(one.claims.columns, row, strict=True)) for row in one.claims.rows]
        for title, _, one in made.values()
    }
    if as_json:
        print_json([row for rows in claims.values() for row in rows])
    else:
        for title, rows in claims.items():
            if rows:
                print_table(
                    title, tuple(rows[0]), [tuple(row.values()) for row in rows], numbers=False
                )
    page = write_page(
        out,
        {folder.relative_to(out).as_posix(): section for folder, (_, _, section) in made.items()},
    )
    report_files([*(path for _, paths, _ in made.values() for path in paths), page])


def register(app: typer.Typer) -> None:
    """Add the command of this file."""
    app.command()(reproduce)
