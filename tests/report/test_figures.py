"""Figures as files: the same drawing gives the same file, and all data can be read back."""

import time

import pytest

from sagin.errors import StoreError
from sagin.report.figure_data import FigureData, Panel, read_csv, write_csv
from sagin.report.figures import draw_figure, is_wide
from sagin.report.looks import BOUND, COLOURS, MARKERS, assign_looks, number_look
from sagin.report.page_figures import read_lines
from sagin.studies.figure import Series
from sagin.studies.statistics import Interval

from report_fixtures import FIGURE, LIMIT, LINES, LOOKS, PANELS, line


def test_a_figure_is_drawn_to_the_same_files_again(tmp_path):
    paths = draw_figure(FIGURE, [Panel("", LINES, [LIMIT])], tmp_path, LOOKS)
    assert [path.name for path in paths] == [
        "figure-1.png",
        "figure-1.svg",
        "figure-1.pdf",
        "figure-1.csv",
    ]
    first = [path.read_bytes() for path in paths]
    time.sleep(1.1)  # the dates in such files are of whole seconds
    assert [
        path.read_bytes()
        for path in draw_figure(FIGURE, [Panel("", LINES, [LIMIT])], tmp_path, LOOKS)
    ] == first
    assert b"/Type3" not in first[2]


def test_the_methods_of_a_figure_are_told_apart_and_look_the_same_in_all():
    figures = [
        [BOUND, *"abcdefgh"],
        [*"hgf", BOUND, "i", "j"],
        [*"klmnopqrs"],
        [*"abcdefghijklmn"],
    ]
    looks = assign_looks(figures)
    for names in figures:
        assert len({(looks[name].colour, looks[name].dashed) for name in names}) == len(names)
    assert looks[BOUND] == (COLOURS[6], "", True)
    assert assign_looks(figures[2:])["k"] == number_look(0), "names that never meet may look alike"


def test_more_lines_than_looks_repeat():
    names = [f"method {number}" for number in range(40)]
    assert set(assign_looks([names])) == {BOUND, *names}


def test_lines_of_no_look_go_by_their_place():
    assert number_look(1) == (COLOURS[1], MARKERS[1], False)
    assert number_look(9) == (COLOURS[1], MARKERS[1], True)


def test_the_csv_gives_back_what_is_drawn(tmp_path):
    panel = Panel("", LINES, [LIMIT])
    path = write_csv(FIGURE, [panel], tmp_path / "one.csv")
    assert (
        path.read_text().splitlines()[0]
        == "method,users per slice,rate (Mbit/s),low (95 %),high (95 %)"
    )
    assert read_csv(path) == FigureData("users per slice", "rate (Mbit/s)", [panel])
    panels = [
        Panel("a", [line("x, y", 1, 2, 3)], []),
        Panel('b "quoted"', [line("x, y", 3, 2, 1)], []),
    ]
    path = write_csv(PANELS, panels, tmp_path / "two.csv")
    assert read_csv(path).panels == panels


def test_numbers_that_can_not_be_stay_so(tmp_path):
    inf = float("inf")
    lines = [
        Series(
            "one seed",
            (1_234_567.0, 1_234_568.0),
            (Interval(1.0, -inf, inf), Interval(float("nan"), float("nan"), float("nan"))),
        )
    ]
    (panel,) = read_csv(write_csv(FIGURE, [Panel("", lines, [])], tmp_path / "x.csv")).panels
    assert panel.series[0].x == lines[0].x
    assert panel.series[0].y[0] == (1.0, -inf, inf)
    assert repr(panel.series[0].y[1]) == repr(lines[0].y[1])


def draw_ends(tmp_path, monkeypatch, panels, looks=LOOKS):
    """Draw panels and return the upper end of each one's y axis, and how many bands are filled."""
    ends, bands = [], []

    def keep(canvas, path):
        ends[:] = [axes.get_ylim() for axes in canvas.axes[: len(panels)]]
        bands[:] = [len(axes.collections) for axes in canvas.axes[: len(panels)]]
        return path

    monkeypatch.setattr("sagin.report.figures.save_canvas", keep)
    draw_figure(FIGURE, panels, tmp_path, looks)
    return ends, bands


def test_a_bound_or_limit_far_above_does_not_squash_the_lines(tmp_path, monkeypatch):
    near = Panel("", LINES, [])
    far = [*LINES[:2], line("bound", 200, 210, 220)]
    for panel in (Panel("", far, []), Panel("", LINES[:2], [LIMIT._replace(value=90.0)])):
        ((_, end),), _ = draw_ends(tmp_path, monkeypatch, [panel])
        assert 14.0 < end < 1.3 * 14.0
    ((_, end),), _ = draw_ends(tmp_path, monkeypatch, [near])
    assert end > 22.0, "a bound that is near is seen whole"


def test_a_band_that_would_fill_the_panel_is_drawn_by_its_edges(tmp_path, monkeypatch):
    wide = LINES[0]._replace(label="wide", y=(Interval(10.0, -40.0, 60.0),) * 3)
    _, (filled,) = draw_ends(tmp_path, monkeypatch, [Panel("", [LINES[1], wide], [])])
    assert filled == 1
    assert is_wide(wide, [Panel("", LINES, [])])
    assert not is_wide(LINES[0], [Panel("", LINES, [])])


def test_panels_with_units_of_their_own_have_axes_of_their_own(tmp_path, monkeypatch):
    """Scores, Mbit/s and per cent on one axis cannot be read."""
    panels = [
        Panel("score", [line("a", 1, 2, 3)], []),
        Panel("Mbit/s", [line("a", 400, 500, 600)], []),
    ]
    ((_, score), (_, rate)), _ = draw_ends(tmp_path, monkeypatch, panels)
    assert score < 5.0 < 500.0 < rate
    path = write_csv(FIGURE, panels, tmp_path / "x.csv")
    assert not read_lines(path, "", LOOKS)["together"]


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
