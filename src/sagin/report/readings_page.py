"""The page of a search over readings: its tables, its figures, and their description."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagin.errors import InputError, StoreError
from sagin.inputs import read_text
from sagin.papers.paper import Paper
from sagin.report.canvas import COLUMN_INCHES, ENDINGS, PAGE_INCHES, open_canvas, save_canvas
from sagin.report.looks import COLOURS
from sagin.report.page import Section, write_page
from sagin.report.readings_tables import (
    count_definitions,
    count_free,
    count_held,
    tabulate_judged,
    tabulate_search,
)
from sagin.report.tables import TextTable, write_markdown
from sagin.report.verdicts import STORED_FOLDER
from sagin.studies.claim import Verdict, read_verdicts

TITLES = {
    "verdicts": "Every claim, by default and over all readings",
    "claims": "The claims under three readings",
    "readings": "The readings",
    "worth": "What a reading that fits is worth",
    "left-out": "Each number predicted from the others",
    "region": "Where most claims hold",
    "shares": "How often a claim holds, by what a gain may mean",
    "exclusions": "Claims that never hold together",
    "alone": "What alone brings a claim about",
    "changes": "One choice changed at a time",
    "judged": "All claims of the paper, by default and under the nearest reading",
}


def read_judged(folder: Path) -> dict[str, Verdict]:
    """Return the verdicts that `sagin reproduce` wrote into a folder, by the claims' ids.

    Raises:
        InputError: the folder has none.
    """
    path = folder / "verdicts.json"
    if not path.is_file():
        raise InputError(f"--judged {folder}: no verdicts.json (allowed: a `sagin reproduce` DIR)")
    return read_verdicts(read_text(path, StoreError), str(path))


def write_readings(
    paper: Paper,
    content: Mapping[str, Any],
    folder: Path,
    judged: Mapping[str, Verdict] | None = None,
) -> tuple[list[Path], dict[str, TextTable]]:
    """Write the tables, figures and page of a search into a folder; return paths and tables.

    `judged` are verdicts under the nearest reading, which are shown beside the stored default ones.
    """
    tables = tabulate_search(content)
    remarks = paper.survey.remarks if paper.survey is not None else ()
    if judged is not None:
        stored = STORED_FOLDER / f"{paper.name}.json"
        default = read_verdicts(stored.read_text(encoding="utf-8"), stored.name)
        tables["judged"] = tabulate_judged(paper, content, default, judged)
    paths = [write_markdown(folder / f"{name}.md", table) for name, table in tables.items()]
    figures = {}
    if content["region"]["points"]:
        paths += draw_marginals(content, folder)
        figures["marginals"] = "Open values of readings under which most claims hold"
    if len(content["region"]["pairs"]) and content["region"]["readings"] > 1:
        paths += draw_pairs(content, folder)
        figures["pairs"] = "Pairs of open values that go together most"
    section = Section(
        title=f"Readings: {paper.citation}",
        introduction=" ".join((describe_search(content), *remarks)),
        claims=TextTable((), ()),
        figures=figures,
        caption="Grey: the range searched. Points: readings, each the nearest to a reading of the "
        "prior, under which most claims hold.",
        tables={TITLES[name]: table for name, table in tables.items()},
        provenance=content["provenance"] | {"amount": content["amount"]},
    )
    paths.append(write_page(folder, {".": section}))
    return paths, {TITLES[name]: table for name, table in tables.items()}


def describe_search(content: Mapping[str, Any]) -> str:
    """Describe the results of a search in sentences."""
    nearest, total = content["nearest"], len(content["claims"])
    printed = sum(claim["kind"] == "gain" for claim in content["claims"])
    counts = {name: count_held(content, name) for name in ("default", "nearest")}
    text = (
        f"A reading gives every open value and definition of the paper a value. By default "
        f"{counts['default']} of {total} claims hold. Under the nearest reading to the defaults "
        f"that was found to keep most, R, {counts['nearest']} hold; it moves {nearest['moved']} of "
        f"{nearest['searched']} open values and {nearest['redefined']} of "
        f"{count_definitions(content)} definitions. "
    )
    if printed:
        misfits = [row["misfit"] for row in nearest["claims"] if row["printed"] is not None]
        worst = max(map(abs, misfits))
        text += f"Its largest misfit of a printed number on fresh draws is {worst:.2f} points. "
        text += f"{describe_prediction(content['left_out'])} "
    return text + (
        f"{count_free(content)} open values and definitions stand against {total} claims, "
        f"{printed} of them printed numbers, so that a fit shows what the authors may have used, "
        "and not that they did."
    )


def describe_prediction(worth: Mapping[str, Any]) -> str:
    """Describe whether the reading predicts printed numbers that are left out of the fit."""
    verb = "predicts" if worth["predicts"] else "does not predict"
    return (
        f"The reading {verb}: {worth['close']} of {len(worth['rows'])} numbers come out within "
        f"half a point when they are left out of the fit, and {worth['needed']} are needed; "
        f"{worth['by_definition']} of them do by R's definitions alone, with no value moved."
    )


def draw_marginals(content: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the numbers of the readings under which most claims hold, each in its range."""
    priors = {row["field"]: row for row in content["open"] if "prior" in row}
    points = content["region"]["points"]
    with open_canvas((PAGE_INCHES, 0.24 * len(points) + 0.7)) as (canvas, (axes,)):
        for row, (field, values) in enumerate(points.items()):
            prior = priors[field]
            axes.plot([0, 1], [row, row], color="#cccccc", linewidth=6, solid_capstyle="butt")
            shares = [_share(prior["prior"], value) for value in values]
            axes.plot(shares, [row] * len(values), "o", color=COLOURS[0], markersize=3)
            axes.plot(_share(prior["prior"], prior["default"]), row, "|", color=COLOURS[1], ms=12)
        axes.set_yticks(range(len(points)), list(points))
        axes.set_xlabel("share of the range searched; the bar is the default")
        axes.invert_yaxis()
        return [save_canvas(canvas, folder / f"marginals.{ending}") for ending in ENDINGS]


def _share(prior: Mapping[str, Any], value: float) -> float:
    from sagin.choices import Span
    from sagin.studies.space import OpenNumber

    return float(OpenNumber("", Span(**prior), 0.0).find_share(value))


def draw_pairs(content: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the most correlated pairs of numbers among readings under which most claims hold."""
    points, pairs = content["region"]["points"], content["region"]["pairs"][:3]
    size = (COLUMN_INCHES * len(pairs) * 0.7, 2.4)
    with open_canvas(size, columns=len(pairs), share_y=False, share_x=False) as (canvas, grid):
        for axes, pair in zip(grid, pairs, strict=True):
            x, y = pair["fields"]
            axes.plot(points[x], points[y], "o", color=COLOURS[0], markersize=3)
            axes.set_xlabel(x)
            axes.set_ylabel(y)
        return [save_canvas(canvas, folder / f"pairs.{ending}") for ending in ENDINGS]
