"""Lines of figures, taken from tables with known means and intervals."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from sagin.report.panels import list_methods, list_panels, mean_interval
from sagin.studies.figure import Figure
from sagin.studies.record import Table, make_sample

FIGURE = Figure("f", "", "users", (8.0, 10.0), ("rate",), ("a", "b"), "users", "rate", scale=1e-3)
SCENARIO = SimpleNamespace(base=SimpleNamespace(capacity=15))
SEEDS = [1000.0, 2000.0, 4000.0]


def make_panels(figure, *samples):
    table = Table(samples)
    methods = list_methods(figure, table, {"a": "A", "b": "B", "c": "C"})
    return list_panels(figure, table, {"a": "A"}, methods, SCENARIO)


def test_a_line_is_the_mean_over_seeds_with_student_s_interval_in_the_axis_unit():
    (panel,) = make_panels(FIGURE, make_sample("a", "rate", SEEDS, x=8.0))
    (line,) = panel.series
    assert (line.label, line.x) == ("A", (8.0,))
    low, high = stats.t.interval(0.95, 2, np.mean(SEEDS), stats.sem(SEEDS))
    assert line.y[0] == pytest.approx((np.mean(SEEDS) / 1e3, low / 1e3, high / 1e3))


def test_one_seed_has_the_interval_of_its_tests_and_one_number_none():
    assert mean_interval({0: np.array(SEEDS)}) == pytest.approx(
        (np.mean(SEEDS), *stats.t.interval(0.95, 2, np.mean(SEEDS), stats.sem(SEEDS)))
    )
    assert mean_interval({0: np.array([2.0])}) == (2.0, -math.inf, math.inf)
    assert mean_interval({0: np.ones(2), 1: np.full(3, 3.0)}).estimate == 2.0


def test_own_methods_come_first_then_baselines_then_those_of_others():
    figure = Figure("f", "", "users", (), ("rate",), ("b",), "", "", baselines=("bound",))
    table = Table(make_sample(name, "rate", [1.0], x=1.0) for name in ("mine", "c", "b", "bound"))
    assert list_methods(figure, table, {"b": "B", "c": "C"}) == ["b", "bound", "mine"]


def test_what_is_not_swept_is_a_flat_line_over_all_values():
    panels = make_panels(
        FIGURE, make_sample("a", "rate", SEEDS, x=8.0), make_sample("b", "rate", SEEDS)
    )
    assert [line.x for line in panels[0].series] == [(8.0,), (8.0, 10.0)]


@pytest.mark.parametrize(
    ("panels", "titles", "labels"),
    [
        ("", [""], [["A", "A", "b", "b"]]),
        ("method", ["A", "b"], [["Rate", "load"]] * 2),
        ("metric", ["Rate", "load"], [["A", "b"]] * 2),
    ],
)
def test_panels_are_of_methods_or_of_metrics(panels, titles, labels):
    figure = Figure(
        *("f", "", "users", (8.0,), ("rate", "load"), ("a", "b"), "users", "share"),
        panels=panels,
        labels=(("rate", "Rate"),),
        limit=("capacity", "base.capacity"),
    )
    samples = [make_sample(one, two, [1.0], x=8.0) for one in "ab" for two in ("rate", "load")]
    drawn = make_panels(figure, *samples)
    assert [panel.title for panel in drawn] == titles
    assert [[line.label for line in panel.series] for panel in drawn] == labels
    assert all(panel.limits == [("capacity", 15.0)] for panel in drawn)
