"""`sagin readings`: search what a paper leaves open, or vary one value."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sagin.cli.common import (
    AsJson,
    Overrides,
    Quiet,
    Seed,
    make_folder,
    print_json,
    print_table,
    progress,
    report_files,
)
from sagin.cli.reproduce import Scenario, Workers

SHOWN = 4
"""Tables that are printed; all tables are written to files."""
VALUES = 13
"""Values of the varied field in the answer to a question."""

PaperName = Annotated[
    str, typer.Argument(metavar="PAPER", help="A paper by name, or package.module:object.")
]
Amount = Annotated[
    Literal["quick", "standard"],
    typer.Option(
        "--effort",
        help="quick: one minute, to try the command; standard: the search of the documentation.",
    ),
]
ClaimName = Annotated[
    str | None,
    typer.Option("--claim", help="Id of a claim to answer with --vary."),
]
Vary = Annotated[
    str | None,
    typer.Option(
        "--vary",
        metavar="FIELD=LOW:HIGH",
        help=(
            "Show how the claim's number depends on this field, with all other fields as in the "
            "scenario."
        ),
    ),
]
Definition = Annotated[
    list[str] | None,
    typer.Option(
        "--definition",
        metavar="ROW",
        help="With --claim: id of the reading of an open definition. May be repeated.",
    ),
]
Drops = Annotated[
    int,
    typer.Option("--drops", min=2, max=10_000_000, help="With --claim: number of drops per value."),
]
Judged = Annotated[
    Path | None,
    typer.Option(
        "--judged",
        metavar="DIR",
        help=(
            "Folder that `sagin reproduce PAPER --set ...` wrote under the fitted reading; its "
            "verdicts are shown beside the default ones."
        ),
    ),
]
Out = Annotated[
    Path,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder where results are stored as they finish, and where the page is written.",
    ),
]


def readings(
    paper: PaperName,
    *,
    claim: ClaimName = None,
    vary: Vary = None,
    definition: Definition = None,
    drops: Drops = 1000,
    effort: Amount = "standard",
    judged: Judged = None,
    scenario: Scenario = "paper",
    overrides: Overrides = None,
    seed: Seed = 0,
    workers: Workers = None,
    out: Out = Path("out/readings"),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Search all that a paper leaves open for readings that give its printed numbers.

    With --claim and --vary, show how one claim's number depends on one field.
    """
    from sagin.errors import InputError
    from sagin.papers import REGISTRY, find_paper
    from sagin.studies.engine import build_engine

    study = find_paper(paper)
    if study.survey is None:
        allowed = ", ".join(name for name in REGISTRY if REGISTRY[name].survey is not None)
        raise InputError(f"paper {paper!r}: has no survey of readings (allowed: {allowed})")
    if (claim is None) != (vary is None):
        raise InputError(
            "--claim and --vary: only one of them is present (allowed: both, or neither)"
        )
    base = study.load_scenario(scenario, tuple(overrides or ()))
    verdicts, engine = find_judged(judged), build_engine("local", workers)
    lab = build_laboratory(study, base, out, engine, seed)
    try:
        if claim is not None and vary is not None:
            question = claim, vary, tuple(definition or ()), drops
            content = ask(study, lab, question, quiet)
        else:
            content = search(study, lab, effort, quiet)
    finally:
        engine.stop()
    if claim is None:
        show(study, content, out, verdicts, as_json)
    elif as_json:
        print_json(content)
    else:
        print_answer(content)


def build_laboratory(study: Any, scenario: Any, out: Path, engine: Any, seed: int) -> Any:
    """Return the laboratory that measures a paper's readings, with its open values."""
    from sagin.studies.search import Laboratory
    from sagin.studies.space import build_space
    from sagin.studies.store import Store

    space = build_space(scenario, study.survey.without)
    store = Store(make_folder(out))
    return Laboratory(study.survey, scenario, space, store, engine, lambda _: None, seed)


def ask(
    study: Any, lab: Any, question: tuple[str, str, tuple[str, ...], int], quiet: bool
) -> dict[str, Any]:
    """Return the answer to a question as plain data: claim, number, definitions, drops."""
    from sagin.parameters import vary_fields
    from sagin.studies.question import find_claim, find_combination, parse_span, vary_number
    from sagin.studies.space import Space

    claim, vary, definitions, drops = question
    row = find_claim(study.survey, claim)
    combination = find_combination(study.survey, definitions)
    number = parse_span(lab.scenario, vary)
    for end in (number.span.low, number.span.high):
        check = study.scenario_module().check_scenario
        vary_fields(lab.scenario, [f"{number.field}={end}"], check)
    with progress("drops", VALUES * drops, quiet) as advance:
        lab = lab._replace(space=Space((number,), ()), advance=advance)
        return vary_number(lab, row, combination, VALUES, drops)


def search(study: Any, lab: Any, effort: str, quiet: bool) -> dict[str, Any]:
    """Return the results of a search as plain data, and store them as readings.json."""
    import json
    from dataclasses import asdict

    from sagin.files import write_atomically
    from sagin.provenance import collect_provenance
    from sagin.studies.answers import answer
    from sagin.studies.search import count_pairs

    amount, check = study.survey.efforts[effort], study.scenario_module().check_scenario
    with progress("readings", count_pairs(lab, amount), quiet) as advance:
        content = answer(lab._replace(advance=advance), amount, check)
    content |= {"paper": study.name, "effort": effort, "seed": lab.seed, "amount": asdict(amount)}
    content |= {"provenance": collect_provenance()}
    write_atomically(lab.store.folder / "readings.json", json.dumps(content, indent=1).encode())
    return content


def find_judged(folder: Path | None) -> Any:
    """Return the verdicts in the folder that --judged names; None without one."""
    from sagin.report.readings_page import read_judged

    return None if folder is None else read_judged(folder)


def show(study: Any, content: dict[str, Any], out: Path, verdicts: Any, as_json: bool) -> None:
    """Write the page of a search, print its tables or its data, and name the files.

    verdicts: under the nearest reading, or None.
    """
    from sagin.report.readings_page import write_readings

    paths, tables = write_readings(study, content, out, verdicts)
    if as_json:
        print_json(content)
    else:
        for title in list(tables)[:SHOWN]:
            print_table(title, tables[title].columns, tables[title].rows, numbers=False)
        if content["effort"] == "quick":
            typer.echo(
                "This was a trial of the command: it tries few readings on few drops. The results "
                f"of the whole search are in docs/{study.name}/claims.md."
            )
    report_files(paths)


def print_answer(content: dict[str, Any]) -> None:
    """Print the answer to a question as a table, and the values at which the claim turns."""
    unit = f" {content['unit']}" if content["unit"] else ""
    rows = [
        (
            f"{row['value']:.6g}",
            f"{row['estimate']:+.2f} % ({row['low']:+.2f} to {row['high']:+.2f})",
        )
        for row in content["rows"]
    ]
    remarks = []
    marks = [("zero_at", "0 %")]
    if content["printed"] is not None:
        marks.append(("printed_at", f"the printed {content['printed']:g} %"))
    for key, text in marks:
        places = ", ".join(f"{value:.4g}{unit}" for value in content[key])
        where = f"at {places}" if places else "nowhere in this range"
        remarks.append(f"the value is {text} {where}")
    print_table(
        f"{content['text']}, percent, against {content['field']}",
        (f"{content['field']}{unit}", "value"),
        rows,
        "; ".join(remarks),
    )


def register(app: typer.Typer) -> None:
    """Add the command `readings`."""
    app.command()(readings)
