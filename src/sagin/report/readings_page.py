"""The page of a search over readings: its tables, its figures, and what they say in words."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sagin.errors import InputError
from sagin.papers.paper import Paper
from sagin.report.canvas import COLUMN_INCHES, ENDINGS, PAGE_INCHES, open_canvas, save_canvas
from sagin.report.looks import COLOURS
from sagin.report.page import Section, write_page
from sagin.report.tables import (
    TextTable,
    drop_empty_columns,
    format_interval,
    format_number,
    write_markdown,
)
from sagin.report.verdicts import STORED_FOLDER, format_estimate
from sagin.studies.claim import Verdict, read_verdicts
from sagin.studies.definitions import DEFINITIONS, judge_definition
from sagin.studies.statistics import Interval

TITLES = {
    "numbers": "The printed numbers under three readings",
    "readings": "The readings",
    "worth": "What a reading that fits is worth",
    "left-out": "Each number predicted from the others",
    "region": "Where all numbers hold",
    "exclusions": "Which numbers come out, by what a gain may mean",
    "alone": "What alone brings a number about",
    "verdicts": "The paper's claims, by default and under the nearest reading",
}
READINGS = {"default": "default", "nearest": "nearest that fits", "best": "from the prior"}


def read_judged(folder: Path) -> dict[str, Verdict]:
    """Return the verdicts that `sagin reproduce` wrote into a folder, by the claims' ids.

    Raises:
        InputError: there are none.
    """
    path = folder / "verdicts.json"
    if not path.is_file():
        raise InputError(f"--judged {folder}: no verdicts.json (allowed: a `sagin reproduce` DIR)")
    return read_verdicts(path.read_text(encoding="utf-8"), str(path))


def write_readings(
    paper: Paper,
    content: Mapping[str, Any],
    folder: Path,
    judged: Mapping[str, Verdict] | None = None,
) -> tuple[list[Path], dict[str, TextTable]]:
    """Write the tables, figures and page of a search into a folder; return paths and tables.

    judged: verdicts under the nearest reading, which are shown beside the stored default ones.
    """
    tables = tabulate_search(content)
    remarks = paper.survey.remarks if paper.survey is not None else ()
    if judged is not None:
        stored = STORED_FOLDER / f"{paper.name}.json"
        default = read_verdicts(stored.read_text(encoding="utf-8"), stored.name)
        tables["verdicts"] = tabulate_judged(paper, content, default, judged)
    paths = [write_markdown(folder / f"{name}.md", table) for name, table in tables.items()]
    figures = {}
    if content["region"]["readings"]:
        paths += draw_marginals(content, folder)
        figures["marginals"] = "Open values of readings under which all printed numbers hold"
    if len(content["region"]["pairs"]) and content["region"]["readings"] > 1:
        paths += draw_pairs(content, folder)
        figures["pairs"] = "Pairs of open values that go together most"
    section = Section(
        title=f"Readings: {paper.citation}",
        introduction=" ".join((describe_search(content), *remarks)),
        claims=TextTable((), ()),
        figures=figures,
        caption="Grey: the range searched. Points: readings, each the nearest to a reading of the "
        "prior, under which all printed numbers hold.",
        tables={TITLES[name]: table for name, table in tables.items()},
        provenance=content["provenance"] | {"amount": content["amount"]},
    )
    paths.append(write_page(folder, {".": section}))
    return paths, {TITLES[name]: table for name, table in tables.items()}


def describe_search(content: Mapping[str, Any]) -> str:
    """Return what a search found in sentences."""
    nearest, worth = content["nearest"], content["left_out"]
    worst = max(abs(row["misfit"]) for row in nearest["gains"])
    verb = "reproduces" if worst <= 0.3 else "comes nearest to"
    free = count_free(content)
    predicts = (
        f"The reading predicts: {worth['close']} of {len(worth['rows'])} numbers come out within "
        "half a point when they are left out of the fit."
        if worth["predicts"]
        else f"The reading does not predict: only {worth['close']} of {len(worth['rows'])} numbers "
        f"come out within half a point when they are left out of the fit ({worth['needed']} would "
        "be needed)."
    )
    return (
        f"A reading gives every open value and definition of the paper a value. The nearest one to "
        f"the defaults that {verb} all printed numbers moves {nearest['moved']} of "
        f"{nearest['searched']} open values and {nearest['redefined']} of "
        f"{count_definitions(content)} definitions; its greatest misfit on fresh drops is "
        f"{worst:.2f} points. {predicts} {free} open values and definitions stand against "
        f"{len(nearest['gains'])} printed numbers, so that a fit shows what the authors may have "
        "used, and not that they did."
    )


def count_definitions(content: Mapping[str, Any]) -> int:
    """Return how many definitions are open."""
    return sum("definition" in row for row in content["open"])


def count_free(content: Mapping[str, Any]) -> int:
    """Return how many values and definitions are free."""
    return len(content["open"])


def tabulate_search(content: Mapping[str, Any]) -> dict[str, TextTable]:
    """Return all tables of a search by name; one without rows is left out."""
    tables = {
        "numbers": _tabulate_numbers(content),
        "readings": _tabulate_readings(content),
        "worth": _tabulate_worth(content),
        "left-out": _tabulate_left_out(content),
        "region": _tabulate_region(content),
        "exclusions": _tabulate_exclusions(content),
        "alone": _tabulate_alone(content),
    }
    return {name: drop_empty_columns(table) for name, table in tables.items() if table.rows}


def _name_gains(content: Mapping[str, Any]) -> dict[str, str]:
    return {gain["id"]: f"{gain['text']} ({gain['source']})" for gain in content["gains"]}


def _tabulate_numbers(content: Mapping[str, Any]) -> TextTable:
    names = _name_gains(content)
    rows = []
    for number, gain in enumerate(content["gains"]):
        cells = []
        for reading in READINGS:
            row = content[reading]["gains"][number]
            interval = Interval(row["estimate"], row["low"], row["high"])
            cells.append(format_interval(interval, "%", sign=True))
        misfit = content["nearest"]["gains"][number]["misfit"]
        rows.append((names[gain["id"]], f"{gain['printed']:g} %", *cells, f"{misfit:+.2f}"))
    columns = ("CUD's gain in", "printed", *READINGS.values(), "nearest minus printed, points")
    return TextTable(columns, rows)


def _tabulate_readings(content: Mapping[str, Any]) -> TextTable:
    rows = []
    for key, name in READINGS.items():
        reading = content[key]
        moved = f"{reading['moved']} of {reading['searched']}"
        distance = format_number(reading["distance"])
        definitions = "; ".join(reading["definitions"])
        rows.append((name, moved, distance, definitions, " ".join(reading["overrides"])))
    columns = ("reading", "values moved", "distance, ranges", "definitions", "fields (--set)")
    return TextTable(columns, rows)


def _tabulate_worth(content: Mapping[str, Any]) -> TextTable:
    shares, left = content["shares"], content["left_out"]
    rows = [
        ("open values and definitions that are searched", str(count_free(content))),
        ("printed numbers", str(len(content["gains"]))),
        ("readings of the prior", str(shares["readings"])),
        ("combinations of definitions", str(shares["combinations"])),
    ]
    for points in shares["any"]:
        text = f"share of the prior's readings with all numbers within {points} points"
        rows.append(
            (f"{text}, the nearest reading's definitions", _percent(shares["nearest"], points))
        )
        rows.append((f"{text}, any definitions", _percent(shares["any"], points)))
    rows.append(
        (
            "numbers predicted within 0.5 points from the others",
            f"{left['close']} of {len(left['rows'])}",
        )
    )
    return TextTable(("what", "value"), rows)


def _percent(shares: Mapping[str, float], points: str) -> str:
    return f"{100 * shares[points]:.3g} %"


def _tabulate_left_out(content: Mapping[str, Any]) -> TextTable:
    names = _name_gains(content)
    rows = [
        (
            names[row["id"]],
            f"{row['printed']:g} %",
            f"{row['predicted']:.2f} %".replace("-", "−"),
            f"{row['predicted'] - row['printed']:+.2f}".replace("-", "−"),
        )
        for row in content["left_out"]["rows"]
    ]
    return TextTable(("CUD's gain in", "printed", "predicted", "difference, points"), rows)


def _tabulate_region(content: Mapping[str, Any]) -> TextTable:
    priors = {row["field"]: row for row in content["open"] if "field" in row}
    rows = []
    for row in content["region"]["marginals"]:
        prior = priors[row["field"]]
        if "counts" in row:
            searched = ", ".join(prior["names"])
            middle = ", ".join(f"{name} {count}" for name, count in row["counts"].items() if count)
            rows.append((row["field"], str(prior["default"]), searched, middle))
        else:
            searched = f"{prior['prior']['low']:g} to {prior['prior']['high']:g} {prior['unit']}"
            ends = f"{row['low']:.4g} to {row['high']:.4g}, median {row['middle']:.4g}"
            rows.append((row["field"], f"{prior['default']:g}", searched.strip(), ends))
    columns = ("open value", "default", "searched", "where all numbers hold")
    return TextTable(columns, rows)


def _tabulate_exclusions(content: Mapping[str, Any]) -> TextTable:
    names = {gain["id"]: gain["text"] for gain in content["gains"]}
    columns = ("gain", *names.values(), "all", "never together", "needs a loss")
    rows = []
    for row in content["exclusions"]:
        shares = [f"{100 * share:.2g} %" for share in row["shares"].values()]
        pairs = "; ".join(f"{names[a]} and {names[b]}" for a, b in row["never_together"])
        losses = "; ".join(names[name] for name in row["need_a_loss"])
        rows.append((row["gain"], *shares, f"{100 * row['all']:.2g} %", pairs, losses))
    return TextTable(columns, rows)


def _tabulate_alone(content: Mapping[str, Any]) -> TextTable:
    names = _name_gains(content)
    labels = {"default": "the defaults", "nearest": "those of the nearest reading"}
    rows = []
    for row in content["alone"]:
        values = ", ".join(f"{field} = {value}" for field, value in row["values"].items())
        rows.append(
            (
                names[row["id"]],
                f"{row['printed']:g} %",
                labels[row["definitions"]],
                f"{row['default']:+.2f} %".replace("-", "−"),
                values or "no open value by itself",
            )
        )
    columns = ("CUD's gain in", "printed", "definitions", "no value moved", "one value moved")
    return TextTable(columns, rows)


def draw_marginals(content: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw the numbers of the readings under which all printed numbers hold, each in its range."""
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
    """Draw the pairs of numbers that go together most among readings where all numbers hold."""
    points, pairs = content["region"]["points"], content["region"]["pairs"][:3]
    size = (COLUMN_INCHES * len(pairs) * 0.7, 2.4)
    with open_canvas(size, columns=len(pairs), share_y=False, share_x=False) as (canvas, grid):
        for axes, pair in zip(grid, pairs, strict=True):
            x, y = pair["fields"]
            axes.plot(points[x], points[y], "o", color=COLOURS[0], markersize=3)
            axes.set_xlabel(x)
            axes.set_ylabel(y)
        return [save_canvas(canvas, folder / f"pairs.{ending}") for ending in ENDINGS]


def tabulate_judged(
    paper: Paper,
    content: Mapping[str, Any],
    default: Mapping[str, Verdict],
    judged: Mapping[str, Verdict],
) -> TextTable:
    """Return each claim's verdict by default and under the nearest reading that fits.

    A printed gain is judged as the reading defines gains: it holds within a fifth.

    Args:
        paper: gives the claims.
        content: of the search.
        default: verdicts under the default reading, by the claims' ids.
        judged: verdicts of a reproduction with the nearest reading's fields.
    """
    nearest = content["nearest"]
    definition = next(row for row in DEFINITIONS if row.text == nearest["definitions"][0])
    held = f"holds under the reading, {nearest['moved']} of {nearest['searched']} open values moved"
    rows = []
    for claim in paper.claims:
        first, second = default.get(claim.id), judged.get(claim.id)
        if second is None:
            continue
        word, number = second.verdict, format_estimate(claim, second)
        if claim.kind == "gain" and word != "not tested":
            word = judge_definition(claim, second, definition)
            value = definition.convert(second.estimate, claim.factor)
            number = f"{format_number(value, sign=True)} % ({definition.text})"
        outcome = {"holds": held, "does not hold": "not under this reading"}.get(word, word)
        if first is not None and first.verdict == "holds" and word == "holds":
            outcome = "holds by default, and under the reading"
        printed = "" if claim.printed is None else f"{claim.printed:g} %"
        before = "" if first is None else f"{first.verdict}: {format_estimate(claim, first)}"
        rows.append((f"{claim.text} ({claim.source})", printed, before, number, outcome))
    return TextTable(("claim", "printed", "default", "under the reading", "verdict"), rows)
