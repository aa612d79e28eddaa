"""Tables of text, and the printed form of numbers, intervals and verdicts."""

import math
from dataclasses import replace

import pytest

from sagin.report.tables import (
    TextTable,
    drop_empty_columns,
    format_cell,
    format_interval,
    make_table,
    to_markdown,
)
from sagin.report.verdicts import format_estimate, tabulate_verdicts
from sagin.studies.claim import Claim, Verdict
from sagin.studies.figure import Figure
from sagin.studies.statistics import Interval

FIGURE = Figure("f", "Fig. 2", "relay.count", (), (), (), "number of relays", "capacity")
CLAIM = Claim("x", "A beats B", "Fig. 2", "f", "gain", "capacity", "A", "B", printed=30.0)


def test_a_row_says_what_decides_a_claim():
    verdict = Verdict("x", "holds in part", "less than printed", 3.2, 2.9, 3.5, at=5.0, scaled=5.0)
    table = tabulate_verdicts([CLAIM], [verdict], [FIGURE], {"x": "holds, profile paper"})
    assert dict(zip(table.columns, *table.rows, strict=True)) == {
        "claim": "A beats B (Fig. 2)",
        "printed": "30 %",
        "ours": "+3.20 % (+2.90 to +3.50)",
        "with the caption's factor": "+5 %",
        "at": "number of relays: 5",
        "stored verdict": "holds, profile paper",
        "verdict": "holds in part",
        "reason": "less than printed",
    }


def test_what_was_not_tested_has_no_number():
    table = tabulate_verdicts([CLAIM], [Verdict("x", "not tested", "A is not trained")], [FIGURE])
    assert table.rows == [("A beats B (Fig. 2)", "30 %", "not tested", "A is not trained")]


@pytest.mark.parametrize(
    ("interval", "text"),
    [
        (Interval(93.42, 93.2, 93.64), "93.42 (93.20 to 93.64)"),
        (Interval(-0.0001, -0.04, 0.04), "0.000 (−0.040 to 0.040)"),
        (Interval(2.5, 2.5, 2.5), "2.5"),
        (Interval(2.5, -math.inf, math.inf), "2.5"),
        (Interval(math.nan, math.nan, math.nan), "–"),
        (Interval(math.inf, math.inf, math.inf), "∞"),
        (Interval(1.5e6, 1.4e6, 1.6e6), "1500000 (1400000 to 1600000)"),
    ],
)
def test_an_interval_is_printed_as_exactly_as_it_is_known(interval, text):
    assert format_interval(interval) == text


@pytest.mark.parametrize(
    ("kind", "interval", "text"),
    [
        ("exceeds", (405.5, -100.0, 911.1), "uncertain by ±506 %"),
        ("exceeds", (64.0, -7.0, 134.0), "uncertain by ±70 %"),
        ("exceeds", (455.0, 368.0, 542.0), "+455 % (+368 to +542)"),
        ("exceeds", (14.0, -2.0, 30.0), "+14 % (−2 to +30)"),
        ("exceeds", (math.nan, math.nan, math.nan), "–"),
        ("exceeds", (2.0, -math.inf, math.inf), "+2 %"),
        ("crosses", (math.inf, math.inf, math.inf), "never"),
    ],
)
def test_an_interval_that_says_nothing_is_said_to(kind, interval, text):
    verdict = Verdict("x", "undecided", "", *interval, unit="%" if kind == "exceeds" else "x")
    assert format_estimate(replace(CLAIM, kind=kind), verdict) == text


def test_cells_of_any_kind_become_text_that_markdown_shows_as_it_is():
    table = make_table(("a|b", "c"), [("x|<y>", 0.5), (Interval(1.0, 0.9, 1.1), None)])
    assert table.rows == [("x|<y>", "0.5"), ("1.00 (0.90 to 1.10)", "–")]
    assert to_markdown(table).splitlines()[2] == "| x\\|&lt;y&gt; | 0.5 |"
    assert format_cell(-2) == "−2"


def test_columns_in_which_nothing_is_said_are_left_out():
    table = TextTable(("a", "b", "c"), [("1", "", "–"), ("2", "", "3")])
    assert drop_empty_columns(table) == (["a", "c"], [("1", "–"), ("2", "3")])
