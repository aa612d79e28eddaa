"""`sagin reproduce`: compute a paper's figures and the verdicts on its claims."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

import typer

from sagin.cli.common import (
    AsJson,
    MethodNames,
    Overrides,
    Quiet,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
    report_memory,
)

T = TypeVar("T")
ALL = "all"


Paper = Annotated[
    str,
    typer.Argument(help="A paper by name, or package.module:object. all: every paper on one page."),
]
Figures = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FIGURE]...", help="Names of figures. Default: all figures."),
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile",
        help="Amount of work: quick (minutes), standard (ten seeds, hours), or paper (days).",
    ),
]
Scenario = Annotated[
    str,
    typer.Option("--scenario", help="A TOML file, or the name of a built-in scenario."),
]
Optimum = Annotated[
    bool,
    typer.Option(
        "--optimum", help="Also measure the distance of the methods from the optimum (one minute)."
    ),
]
Engine = Annotated[
    Literal["local", "ray"],
    typer.Option(
        "--engine",
        help="Run workers as processes on this machine (local) or on a Ray cluster (ray).",
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        min=1,
        max=4096,
        help=(
            "Number of parallel workers. Default: one per GPU, or one per core if there is none; "
            "fewer if memory is short."
        ),
    ),
]
Address = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="Address of the Ray cluster. Default: RAY_ADDRESS, or a new cluster on this machine.",
    ),
]
Stored = Annotated[
    Path | None,
    typer.Option(
        "--stored",
        exists=True,
        file_okay=False,
        metavar="DIR",
        help=(
            "Folder of stored results, such as the repository's results. The page shows them, "
            "marked as stored, where DIR has none, and compares a quick run with them."
        ),
    ),
]
Draw = Annotated[
    bool,
    typer.Option(
        "--draw/--no-draw",
        help="Draw figures and the page; without, results are stored alone, for `sagin report`.",
    ),
]
Brief = Annotated[
    bool,
    typer.Option("--brief", help="A line per paper and the page, in place of tables and files."),
]
Out = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar="DIR",
        help=(
            "Folder where results are stored as they finish, and where figures and the page are "
            "written."
        ),
    ),
]


def reproduce(
    paper: Paper,
    figures: Figures = None,
    *,
    profile: Profile = "quick",
    scenario: Scenario = "paper",
    overrides: Overrides = None,
    method: MethodNames = None,
    optimum: Optimum = False,
    engine: Engine = "local",
    workers: Workers = None,
    address: Address = None,
    stored: Stored = None,
    draw: Draw = True,
    out: Out = Path("out"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Reproduce a paper's figures and judge its claims.

    The figures also show the methods of --method, on the same slots or drops.
    Results that DIR already contains are not computed again.
    """
    from sagin.pool import Sequential
    from sagin.studies.engine import build_engine

    names = list_papers(paper, figures)
    base = scenario, tuple(overrides or ())
    request = ReproduceOptions(
        names, tuple(figures or ()), profile, base, tuple(method or ()), optimum
    )
    runner = build_engine(engine, workers, address)
    if engine == "local" and workers is None:
        report_memory()
    is_alone = isinstance(runner, Sequential)
    launches = plan_launches(request) if is_alone else run_elsewhere(plan_launches, request)
    folders = {name: out / launches[name].folder if paper == ALL else out for name in names}
    try:
        for name, launch in launches.items():
            fill_folder(launch, make_folder(folders[name]), runner, quiet)
    finally:
        runner.stop()
    if draw:
        report_folders(request, folders, out, as_json, stored)
    else:
        counts = [f"{name}: {len(launches[name].points)} points" for name in names]
        sys.stderr.write(f"{'; '.join(counts)} stored in {out}\n")


def list_papers(paper: str, figures: list[str] | None) -> list[str]:
    """Return the names of the papers that are meant; InputError where figures are ambiguous."""
    from sagin.errors import InputError
    from sagin.papers import REGISTRY

    names = list(REGISTRY) if paper == ALL else [paper]
    if len(names) > 1 and figures:
        raise InputError(
            f"[FIGURE]: figures belong to one paper, not to all (allowed with: {', '.join(names)})"
        )
    return names


class ReproduceOptions(NamedTuple):
    """Options of the command, as plain data."""

    papers: list[str]
    figures: tuple[str, ...]
    profile: str
    scenario: tuple[str, tuple[str, ...]]
    methods: tuple[str, ...]
    optimum: bool


class Launch(NamedTuple):
    """Input of an engine: name of the computing function, points, and the files of the store."""

    folder: str
    make: str
    points: list[Any]
    content: dict[str, Any]


def build_study(request: ReproduceOptions, name: str) -> Any:
    """Build and check the study of a paper; InputError if a figure, field or profile is wrong."""
    from sagin.errors import InputError
    from sagin.papers import find_paper
    from sagin.report.study import Study
    from sagin.studies.figure import find_figures

    paper = find_paper(name)
    if request.profile not in paper.profiles:
        allowed = ", ".join(paper.profiles)
        raise InputError(f"--profile {request.profile!r}: unknown; allowed: {allowed}")
    profile = paper.profiles[request.profile]
    rows = find_figures(paper.figures, request.figures)
    figures = [figure for figure in rows if paper.has_figure(figure, profile)]
    lacking = [figure for figure in rows if figure not in figures]
    if request.figures and lacking:
        options = [
            f"--profile {other}"
            for other, amount in paper.profiles.items()
            if paper.has_figure(lacking[0], amount)
        ]
        raise InputError(
            f"figure {lacking[0].id!r}: the profile {request.profile} lacks a part of this "
            f"figure (allowed with: {', '.join(options)})"
        )
    scenario = paper.load_scenario(*request.scenario)
    return Study(name, paper, figures, scenario, profile, request.methods)


def plan_launches(request: ReproduceOptions) -> dict[str, Launch]:
    """Return the work of each paper.

    Raises:
        InputError: no paper supports an option.
    """
    studies = {name: build_study(request, name) for name in request.papers}
    refuse_options(request, studies)
    launches = {}
    for name, study in studies.items():
        points = study.list_all_points()
        launches[name] = Launch(study.paper.name, study.paper.make, points, study.describe())
    return launches


def refuse_options(request: ReproduceOptions, studies: dict[str, Any]) -> None:
    """Raise InputError if no paper supports a given option."""
    from sagin.errors import InputError
    from sagin.papers import REGISTRY

    papers = [study.paper for study in studies.values()]
    if request.optimum and not any(paper.optimum for paper in papers):
        allowed = ", ".join(name for name in REGISTRY if REGISTRY[name].optimum)
        raise InputError(
            f"--optimum: not available for paper {', '.join(studies)} (allowed with: {allowed})"
        )


def run_elsewhere(function: Callable[[ReproduceOptions], T], request: ReproduceOptions) -> T:
    """Run a function in another process, so that this process does not load JAX."""
    import multiprocessing
    import signal
    from concurrent.futures import ProcessPoolExecutor

    context = multiprocessing.get_context("spawn")
    ignore = (signal.SIGINT, signal.SIG_IGN)
    with ProcessPoolExecutor(1, context, initializer=signal.signal, initargs=ignore) as pool:
        return pool.submit(function, request).result()


def fill_folder(launch: Launch, folder: Path, runner: Any, quiet: bool) -> None:
    """Compute the results of a study that a folder lacks."""
    from sagin.report.study import save_study
    from sagin.studies.collection import fill
    from sagin.studies.store import Store

    save_study(folder, launch.content)
    steps = sum(point.steps for point in launch.points)
    with progress(launch.folder, steps, quiet) as advance:
        fill(Store(folder), launch.points, launch.make, advance, engine=runner)


def report_folders(
    request: ReproduceOptions,
    folders: dict[str, Path],
    out: Path,
    as_json: bool,
    stored: Path | None = None,
) -> None:
    """Write each study's files from its folder, and the page, and print the verdicts."""
    from sagin.report.reproduction import write_study
    from sagin.studies.store import Store

    sections, files = {}, []
    for name, folder in folders.items():
        study = build_study(request, name)
        if request.optimum and study.paper.optimum is not None:
            files.append(study.paper.optimum(folder, study.scenario, study.profile))
        places = stored / study.paper.name if stored else None
        paths, sections[folder] = write_study(study, Store(folder), places)
        files += paths
    show_sections(sections, out, files, as_json, stored)


def show_sections(
    sections: dict[Path, Any],
    out: Path,
    files: list[Path],
    as_json: bool,
    stored: Path | None = None,
    *,
    brief: bool = False,
) -> None:
    """Write the page of sections by folder and of a city, print verdicts, and name the files.

    brief: a line per paper and the page alone.
    """
    from sagin.report.chapters import build_chapters, describe_verdicts
    from sagin.report.page import write_page

    tables = [section.claims for section in sections.values() if section.claims.rows]
    if as_json:
        print_json([row for table in tables for row in table.to_plain()])
    elif brief:
        for section in sections.values():
            sys.stdout.write(f"{section.title}: {describe_verdicts(section.claims)}\n")
    else:
        for section in sections.values():
            # stored verdicts alone, which this run has not computed, are on the page
            if section.claims.rows and "amount" in section.provenance:
                title = f"{section.title} ({section.provenance['amount']})"
                print_table(title, *section.claims, numbers=False)
    places = {folder.relative_to(out).as_posix(): section for folder, section in sections.items()}
    if "." not in places:
        places = build_chapters(out, places, stored)
    page = write_page(out, places)
    report_files([page] if brief else [*files, page])


def register(app: typer.Typer) -> None:
    """Add the command `reproduce`."""
    app.command()(reproduce)
