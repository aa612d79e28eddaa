"""Figures as files: the same drawing is the same file, and the data are all there to be read back."""

import time
from pathlib import Path

import pytest

from sagin.errors import StoreError
from sagin.experiments.study import Series
from sagin.report.plots import (
    COLOURS,
    MARKERS,
    OF_METHODS,
    Data,
    Limit,
    Panel,
    draw,
    look,
    read_csv,
    write_csv,
)
from sagin.studies.statistics import Interval

from report_fixtures import FIGURE, LINES, PANELS, line

RESULTS = Path(__file__).parents[2] / "results" / "slicing"
SEVERAL = sorted(
    path
    for path in RESULTS.glob("*/*.csv")
    if path.stem.startswith(("figure-4", "figure-5", "figure-6", "figure-1", "optimum-"))
)


def test_a_figure_is_drawn_to_the_same_files_again(tmp_path):
    paths = draw(FIGURE, {"": LINES}, tmp_path, Limit("capacity", 15.0))
    assert [path.name for path in paths] == [
        "figure-1.png",
        "figure-1.svg",
        "figure-1.pdf",
        "figure-1.csv",
    ]
    first = [path.read_bytes() for path in paths]
    time.sleep(1.1)  # the dates in such files are of whole seconds
    assert [
        path.read_bytes() for path in draw(FIGURE, {"": LINES}, tmp_path, Limit("capacity", 15.0))
    ] == first
    assert b"/Type3" not in first[2]


@pytest.mark.parametrize("path", SEVERAL, ids=lambda path: path.stem)
def test_the_methods_of_a_figure_are_told_apart_and_look_the_same_in_all(path):
    names = [series.method for series in read_csv(path).panels[0].series]
    assert set(names) <= OF_METHODS.keys()
    looks = [look(number, name) for number, name in enumerate(names)]
    assert len({(one.colour, one.dashed) for one in looks}) == len(names)
    assert [look(99, name) for name in names] == looks


def test_other_lines_go_by_their_place():
    assert "mine" not in OF_METHODS
    assert look(1, "mine") == (COLOURS[1], MARKERS[1], False)
    assert look(9, "mine").colour == COLOURS[1]


def test_the_csv_gives_back_what_is_drawn(tmp_path):
    limit = Limit("capacity", 15.0)
    path = write_csv(FIGURE, {"": LINES}, tmp_path / "one.csv", limit)
    assert (
        path.read_text().splitlines()[0]
        == "method,users per slice,rate (Mbit/s),low (95 %),high (95 %)"
    )
    assert read_csv(path) == Data("users per slice", "rate (Mbit/s)", [Panel("", LINES, [limit])])
    panels = {"a": [line("x, y", 1, 2, 3)], 'b "quoted"': [line("x, y", 3, 2, 1)]}
    path = write_csv(PANELS, panels, tmp_path / "two.csv")
    assert read_csv(path).panels == [Panel(title, lines, []) for title, lines in panels.items()]


def test_numbers_that_can_not_be_stay_so(tmp_path):
    inf = float("inf")
    lines = [
        Series(
            "one seed",
            (1_234_567.0, 1_234_568.0),
            (Interval(1.0, -inf, inf), Interval(float("nan"), float("nan"), float("nan"))),
        )
    ]
    (panel,) = read_csv(write_csv(FIGURE, {"": lines}, tmp_path / "x.csv")).panels
    assert panel.series[0].x == lines[0].x
    assert panel.series[0].y[0] == (1.0, -inf, inf)
    assert repr(panel.series[0].y[1]) == repr(lines[0].y[1])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n1,2\n",
        "method,x,y,low (95 %),high (95 %)\na,1,2\n",
        "method,x,y,low (95 %),high (95 %)\na,one,2,3,4\n",
        "\x00",
    ],
)
def test_what_is_no_figure_is_refused(tmp_path, text):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(StoreError, match=r"x\.csv: damaged or missing"):
        read_csv(tmp_path / "x.csv")
