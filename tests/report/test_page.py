"""The page as a file: its content, its notes on damage, and text that stays text."""

import json
import re
import subprocess
import sys

import pytest

from sagin.report.figure_data import Panel, write_csv
from sagin.report.figures import draw_figure
from sagin.report.looks import MANY_POINTS, NODES, POINTS, SYMBOLS, USERS
from sagin.report.map import DASHES
from sagin.report.page import Section, render_table, write_page
from sagin.report.page_figures import data_block, read_lines
from sagin.report.tables import TextTable

from report_fixtures import CLAIMS, FIGURE, LINES, LOOKS, made_page, network


def blocks(text):
    """Return the data that a page's script reads."""
    return [
        json.loads(found)
        for found in re.findall(r'<script type="application/json">(.*?)</script>', text)
    ]


def section(**changed):
    return Section("A paper", "What it is.", CLAIMS, {}, "", {}, {})._replace(**changed)


def test_a_page_needs_nothing_else(tmp_path):
    text = made_page(tmp_path).read_text(encoding="utf-8")
    ours = re.sub(r'<script type="text/plain".*?</script>', "", text, flags=re.DOTALL)
    assert (
        re.findall(r'(?:src|href)="(?!data:|#part-|figure-|map|network|still)([^"]*)"', ours) == []
    )
    assert text.count("<noscript>") == 4
    first, second, *scenes = blocks(text)
    assert [one["name"] for one in first["panels"][0]["lines"]] == [
        "first",
        "second",
        "bound",
        "capacity",
    ]
    assert [one["dash"] for one in first["panels"][0]["lines"]] == [
        "solid",
        "solid",
        "dash",
        "dash",
    ]
    assert len(second["panels"]) == 4
    assert [len(scene["times"]) for scene in scenes] == [6, 1]
    assert [
        link
        for link in ("figure-1.png", "figure-1.pdf", "figure-1.csv", "network.scene.json")
        if f'href="{link}"' not in text
    ] == []


def test_a_page_of_tables_is_small_and_one_of_several_papers_leads_to_each(tmp_path):
    path = write_page(tmp_path, {"a": section(), "b": section(title="B & C")})
    assert path.stat().st_size < 40_000
    assert '<a href="#part-2">B &amp; C</a>' in path.read_text()
    assert '<h1 id="part-2">B &amp; C</h1>' in path.read_text()


def test_the_page_is_light_to_import():
    script = (
        "import sagin.report.page, sys; heavy = ('matplotlib', 'plotly', 'jax', 'pydantic'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_data_can_not_leave_their_element():
    text = data_block({"name": "</script><!--<script>&\u2028\u2029"})
    inside = text.removeprefix('<script type="application/json">').removesuffix("</script>")
    assert not set("<>&\u2028\u2029") & set(inside)
    assert json.loads(inside) == {"name": "</script><!--<script>&\u2028\u2029"}


def test_a_figure_without_its_data_is_shown_as_drawn(tmp_path):
    draw_figure(FIGURE, [Panel("", LINES, [])], tmp_path, LOOKS)
    (tmp_path / "figure-1.csv").write_text("damaged")
    text = write_page(tmp_path, {".": section(figures={"figure-1": "Fig. 1"})}).read_text()
    assert '<figure class="drawn"><img alt="Fig. 1"' in text
    assert blocks(text) == []


def test_curves_have_no_markers_and_numbers_that_can_not_be_are_left_out(tmp_path):
    values = tuple(float(number) for number in range(MANY_POINTS + 1))
    long = [
        line._replace(x=values, y=(line.y[0]._replace(high=float("inf")),) * len(values))
        for line in LINES[:2]
    ]
    data = read_lines(write_csv(FIGURE, [Panel("", long, [])], tmp_path / "x.csv"), "title", LOOKS)
    assert data["curve"]
    assert [(line["symbol"], line["dash"]) for line in data["panels"][0]["lines"]] == [
        ("", "solid"),
        ("", "dash"),
    ]
    assert data["panels"][0]["lines"][0]["high"][0] is None


def test_every_kind_of_point_can_be_drawn_on_page_and_map():
    assert {look.marker for look in POINTS.values()} <= set(SYMBOLS)
    assert {look.dash for look in POINTS.values()} <= set(DASHES)


def test_what_flies_looks_like_no_user_in_space():
    users = {look.solid for look in USERS.values()}
    assert {NODES[kind].solid for kind in ("UAV", "relay", "fixed UAV")}.isdisjoint(users)
    assert len({USERS[kind].solid for kind in "HLC"}) == 3


def test_verdicts_become_badges_and_columns_of_numbers_stand_right():
    rows = [("a", "holds in part, profile paper", "−1 %"), ("b", "not tested", "–")]
    text = render_table(TextTable(("claim", "verdict", "ours"), rows))
    assert '<td><span class="badge in-part">holds in part</span>, profile paper</td>' in text
    assert '<td><span class="badge undecided">not tested</span></td>' in text
    assert text.count('<td class="number">') == 2
    assert "badge" not in render_table(TextTable(("claim",), [("holds water",)]))


@pytest.mark.parametrize(
    "changed",
    [
        {"times_s": []},
        {"times_s": [1.0, 2.0]},
        {"side_m": 0},
        {"side_m": float("inf")},
        {"links": [[[0, 5]]]},
        {"links": [[[-1, 2]]]},
        {"places_m": [[None]]},
        {"places_m": [[[0, 0, float("nan")]] * 5]},
        {"points": [{"name": "a"}] * 5},
    ],
)
def test_a_damaged_network_is_said_to_be(tmp_path, changed):
    (tmp_path / "x.scene.json").write_text(json.dumps(network(1) | changed))
    text = write_page(
        tmp_path, {".": section(scenes={"x": "A network", "none": "Another"})}
    ).read_text()
    assert text.count("is missing or damaged") == 2
    assert blocks(text) == []
