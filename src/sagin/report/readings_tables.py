"""Tables of a search over readings, from its plain data."""

from collections.abc import Mapping
from typing import Any

from sagin.papers.paper import Paper
from sagin.report.tables import TextTable, drop_empty_columns, format_gain, format_number
from sagin.report.verdicts import format_estimate
from sagin.studies.claim import Verdict
from sagin.studies.definitions import DEFINITIONS, judge_definition
from sagin.studies.prediction import EXTREME
from sagin.studies.statistics import Interval

READINGS = {"default": "default", "nearest": "R, the nearest", "best": "from the prior"}


def count_held(content: Mapping[str, Any], name: str) -> int:
    """Return how many claims hold under a reading."""
    return sum(row["verdict"] == "holds" for row in content[name]["claims"])


def count_definitions(content: Mapping[str, Any]) -> int:
    """Return how many definitions are open."""
    return sum("definition" in row for row in content["open"])


def count_free(content: Mapping[str, Any]) -> int:
    """Return how many values and definitions are free."""
    return len(content["open"])


def tabulate_search(content: Mapping[str, Any]) -> dict[str, TextTable]:
    """Return all tables of a search by name; tables without rows are left out."""
    tables = {
        "verdicts": _tabulate_verdicts(content),
        "claims": _tabulate_claims(content),
        "readings": _tabulate_readings(content),
        "worth": _tabulate_worth(content),
        "left-out": _tabulate_left_out(content),
        "region": _tabulate_region(content),
        "shares": _tabulate_shares(content),
        "exclusions": _tabulate_exclusions(content),
        "alone": _tabulate_alone(content),
        "changes": _tabulate_changes(content),
    }
    return {name: drop_empty_columns(table) for name, table in tables.items() if table.rows}


def _name_claims(content: Mapping[str, Any]) -> dict[str, str]:
    return {claim["id"]: f"{claim['text']} ({claim['source']})" for claim in content["claims"]}


def _format_printed(claim: Mapping[str, Any]) -> str:
    return f"{claim['printed']:g} %" if claim["kind"] == "gain" else ""


def _format_value(row: Mapping[str, Any]) -> str:
    if row["verdict"] == "not tested":
        return "idle"
    if row["printed"] is None and abs(row["estimate"]) >= EXTREME:
        return f"beyond {format_number(row['estimate'], sign=True)} %"
    return format_gain(Interval(row["estimate"], row["low"], row["high"]))


def _tabulate_verdicts(content: Mapping[str, Any]) -> TextTable:
    names = _name_claims(content)
    rows = [
        (
            names[claim["id"]],
            _format_printed(claim),
            f"{verdict['default']}: {_format_value(content['default']['claims'][number])}",
            f"{verdict['nearest']}: {_format_value(content['nearest']['claims'][number])}",
            verdict["over_readings"],
        )
        for number, (claim, verdict) in enumerate(
            zip(content["claims"], content["verdicts"], strict=True)
        )
    ]
    return TextTable(("claim", "printed", "default", "reading R", "over all readings"), rows)


def _tabulate_claims(content: Mapping[str, Any]) -> TextTable:
    names = _name_claims(content)
    rows = []
    for number, claim in enumerate(content["claims"]):
        cells = [_format_value(content[name]["claims"][number]) for name in READINGS]
        misfit = ""
        if claim["kind"] == "gain":
            misfit = _sign(content["nearest"]["claims"][number]["misfit"])
        rows.append((names[claim["id"]], _format_printed(claim), *cells, misfit))
    columns = ("claim", "printed", *READINGS.values(), "R minus printed, points")
    return TextTable(columns, rows)


def _sign(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")


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
    shares, left, total = content["shares"], content["left_out"], len(content["claims"])
    printed = sum(claim["kind"] == "gain" for claim in content["claims"])
    unmoved = [
        row["id"]
        for row in content["alone"]["hits"]
        if row["definitions"] == "nearest" and row["holds"]
    ]
    rows = [
        ("open values and definitions that are searched", str(count_free(content))),
        ("claims", f"{total}, {printed} of them printed numbers"),
        ("printed numbers that say different things", str(len(content["groups"]))),
        ("readings of the prior", str(shares["readings"])),
        ("combinations of definitions", str(shares["combinations"])),
        ("most claims that hold at once in the prior", f"{shares['most_held']} of {total}"),
        (
            "claims that R's definitions alone bring about, no value moved",
            f"{len(unmoved)} of {total}",
        ),
    ]
    for points in shares["any"] if printed else ():
        text = f"share of the prior's readings with all claims within {points} points"
        rows.append((f"{text}, R's definitions", _percent(shares["nearest"], points)))
        rows.append((f"{text}, any definitions", _percent(shares["any"], points)))
    if left is not None:
        text = "numbers predicted within 0.5 points from the others"
        rows.append((text, f"{left['close']} of {len(left['rows'])}"))
    return TextTable(("what", "value"), [row for row in rows if row[1] != "0"])


def _percent(shares: Mapping[str, Any], name: str) -> str:
    return f"{100 * shares[name]:.3g} %"


def _tabulate_left_out(content: Mapping[str, Any]) -> TextTable:
    names, left = _name_claims(content), content["left_out"]
    rows = [
        (
            names[row["id"]],
            f"{row['printed']:g} %",
            f"{row['predicted']:.2f} %".replace("-", "−"),
            _sign(row["predicted"] - row["printed"]),
        )
        for row in ([] if left is None else left["rows"])
    ]
    return TextTable(("claim", "printed", "predicted", "difference, points"), rows)


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
    columns = ("open value", "default", "searched", "where most claims hold")
    return TextTable(columns, rows)


def _tabulate_shares(content: Mapping[str, Any]) -> TextTable:
    rows = []
    for claim_id, name in _name_claims(content).items():
        cells = []
        for row in content["exclusions"]:
            loss = ", needs a loss" if claim_id in row["need_a_loss"] else ""
            cells.append(f"{_percent(row['shares'], claim_id)}{loss}")
        rows.append((name, *cells))
    rows.append(("all", *(_percent(row, "all") for row in content["exclusions"])))
    columns = [row["gain"] or "share of the prior's readings" for row in content["exclusions"]]
    return TextTable(("claim", *columns), rows)


def _tabulate_exclusions(content: Mapping[str, Any]) -> TextTable:
    names = _name_claims(content)
    rows = [
        (row["gain"], names[a], names[b])
        for row in content["exclusions"]
        for a, b in row["never_together"]
    ]
    return TextTable(("gain", "claim", "never together with"), rows)


def _tabulate_alone(content: Mapping[str, Any]) -> TextTable:
    names = _name_claims(content)
    labels = {"default": "the defaults", "nearest": "those of R"}
    rows = []
    for row in content["alone"]["hits"]:
        values = ", ".join(f"{field} = {value}" for field, value in row["values"].items())
        if row["holds"]:
            values = "holds already"
        rows.append(
            (
                names[row["id"]],
                labels[row["definitions"]],
                f"{_sign(row['default'])} %",
                values or "no open value by itself",
            )
        )
    return TextTable(("claim", "definitions", "no value moved", "comes out with"), rows)


def _tabulate_changes(content: Mapping[str, Any]) -> TextTable:
    """Return the printed gains under each single change, and the verdicts that change."""
    claims, default = content["claims"], content["alone"]["table"][0]["holds"]
    names = _name_claims(content)
    gains = [row for row, claim in enumerate(claims) if claim["kind"] == "gain"]
    rows = []
    for row in content["alone"]["table"]:
        changed = [
            [claim["id"] for claim, a, b in zip(claims, *pair, strict=True) if b and not a]
            for pair in ((default, row["holds"]), (row["holds"], default))
        ]
        texts = ("; ".join(names[name] for name in part) for part in changed)
        cells = (f"{_sign(row['values'][place])} %" for place in gains)
        rows.append((row["change"], *cells, f"{sum(row['holds'])} of {len(claims)}", *texts))
    headings = [f"{claims[place]['text']}" for place in gains]
    return TextTable(("change", *headings, "hold", "come out", "no longer hold"), rows)


def tabulate_judged(
    paper: Paper,
    content: Mapping[str, Any],
    default: Mapping[str, Verdict],
    judged: Mapping[str, Verdict],
) -> TextTable:
    """Return each claim's verdict by default and under the nearest reading that fits.

    A printed gain is judged by the reading's definition of a gain: it holds within a fifth.

    Args:
        paper: has the claims.
        content: content of the search.
        default: verdicts under the default reading, by the claims' ids.
        judged: verdicts of a reproduction with the nearest reading's fields.
    """
    nearest = content["nearest"]
    texts = {row.text: row for row in DEFINITIONS}
    definition = texts.get(nearest["definitions"][0], DEFINITIONS[0])
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
