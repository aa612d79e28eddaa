"""Curves and verdicts from tables in the form that training writes, invented with known answers."""

import csv
import json

import numpy as np
import polars
import pytest

from sagin.cli.curves import list_figures, tabulate_curves, write_curves
from sagin.errors import InputError, StoreError
from sagin.learning.settings import make_settings
from sagin.report.panels import list_panels
from sagin.report.runs import find_drawings
from sagin.slicing.scenario import build_scenario
from sagin.training.curves import fit_endings, read_curves
from sagin.training.run import METRICS, SCORES, TrainingRun, locate_seed, write_run

AGENTS = {
    "throughput_1": 0.6,
    "delay_1": 0.5,
    "coverage_1": 0.2,
    "throughput_2": 0.3,
    "delay_2": 0.51,
    "coverage_2": 0.7,
}
SPREAD = (-0.01, 0.0, 0.01)
EIGHT = tuple(0.01 * number for number in range(-4, 4))
"""Fewer than seven seeds cannot decide two tests that Holm's method corrects."""


def stored(folder, spread=SPREAD, slots=60_000, step=100, rewards=None, planned=None):
    """Write a run with one seed for each offset; `rewards` changes an agent's reward, a function of
    the slot, which all offsets add to.
    """
    plan = TrainingRun(build_scenario("small"), "two-layer-maddpg", make_settings(()), 60_000)
    folder.mkdir(parents=True, exist_ok=True)
    write_run(folder, plan, planned or len(spread), False)
    for number, offset in enumerate(spread):
        place = locate_seed(folder, number)
        place.mkdir()
        slot = np.arange(step, (slots[number] if isinstance(slots, tuple) else slots) + 1, step)
        table = {
            f"reward/{agent}": np.full(len(slot), value + offset) for agent, value in AGENTS.items()
        }
        table |= {f"reward/{agent}": made(slot) + offset for agent, made in (rewards or {}).items()}
        polars.DataFrame({"slot": slot, **table}).write_parquet(place / METRICS)
        checked = slot[slot % 2000 == 0]
        scores = {"score": 0.5 + offset, "throughput": 2e8, "delay": 0.02, "coverage": 0.75}
        polars.DataFrame(
            {
                "slot": checked,
                **{name: np.full(len(checked), value) for name, value in scores.items()},
            }
        ).write_parquet(place / SCORES)
    return folder


def judge_run(folder, window=500):
    """Return the verdicts on a stored run by the claims' text."""
    table = tabulate_curves(read_curves(folder, window))["claims"]
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return {row["claim"].removesuffix(" (Fig. 3)"): row["verdict"] for row in rows}


def draw_panels(curves):
    """Return the panels of each figure of a run by the figure's id."""
    name = curves.algorithm
    pairs = list_figures(curves)
    return {figure.id: list_panels(figure, table, {}, [name], None) for figure, table in pairs}


SYMBOLS = [f"r_{layer},{name}" for layer in (1, 2) for name in "HLC"]
SETTLES = [f"{symbol} settles by about 30000 iterations" for symbol in SYMBOLS]
ORDER = ["r_1,H > r_2,H", "r_1,C < r_2,C", "r_1,L ≈ r_2,L"]


def test_a_window_is_the_mean_of_its_slots_and_the_interval_is_students(tmp_path):
    found = read_curves(stored(tmp_path, rewards={"delay_1": lambda slot: slot / 60_000}))
    assert found.slots[[0, -1]].tolist() == [500, 60_000]
    (panel,) = draw_panels(found)["figure-3"]
    assert [line.label for line in panel.series] == SYMBOLS
    first = panel.series[SYMBOLS.index("r_1,L")].y[0]
    assert first.estimate == pytest.approx(300 / 60_000)  # rows end at 100, 200, …, 500
    half = 4.302653 * 0.01 / 3**0.5  # t with 2 degrees of freedom, deviation 0.01
    assert first.high - first.estimate == pytest.approx(half, rel=1e-5)


def test_rows_weigh_as_many_slots_as_they_stand_for(tmp_path):
    stored(tmp_path, spread=(0.0, 0.0), slots=400)
    for number in range(2):
        path = locate_seed(tmp_path, number) / METRICS
        table = polars.read_parquet(path).with_columns(
            slot=polars.Series([100, 150, 250, 300]),
            **{"reward/delay_1": polars.Series([1.0, 3.0, 2.0, 4.0])},
        )
        table.write_parquet(path)
    found = read_curves(tmp_path, 150)
    assert found.rewards["delay_1"][0].tolist() == pytest.approx([5 / 3, 8 / 3])


def test_validations_have_their_axis_units(tmp_path):
    panels = draw_panels(read_curves(stored(tmp_path)))["figure-3-validation"]
    found = {panel.title: panel.series[0].y[0].estimate for panel in panels}
    assert list(found.values()) == pytest.approx([0.5, 200.0, 20.0, 75.0])
    assert panels[0].title == "validation score"
    assert panels[0].series[0].x[:2] == (2000.0, 4000.0)


def test_the_paper_s_claims_hold_where_they_do(tmp_path):
    found = judge_run(stored(tmp_path, EIGHT))
    assert found == dict.fromkeys(SETTLES + ORDER, "holds")


def test_and_do_not_where_they_do_not(tmp_path):
    rewards = {
        agent: lambda slot, end=1.0 - value: end * slot / 60_000 for agent, value in AGENTS.items()
    }
    found = judge_run(stored(tmp_path, EIGHT, rewards=rewards))
    assert found.pop("r_1,L ≈ r_2,L") == "holds"
    assert found == dict.fromkeys(SETTLES + ORDER[:2], "does not hold")


def test_a_reward_that_still_moves_does_not_settle(tmp_path):
    folder = stored(tmp_path, rewards={"coverage_2": lambda slot: 0.7 + 0.3 * slot / 60_000})
    found = judge_run(folder)
    assert [text for text in SETTLES if found[text] == "does not hold"] == [SETTLES[5]]
    assert [found[text] for text in SETTLES[:5]] == ["holds"] * 5
    # 0.1 over a third, between the middles of 39 steps of 40
    curves = read_curves(folder)
    change = float(fit_endings(curves)["coverage_2"].change[0])
    assert change == pytest.approx(0.3 * 19_500 / 60_000)
    tables = tabulate_curves(curves)
    assert tables["rewards"].rows[5][2].startswith("0.0975")
    assert tables["claims"].rows[5][1].startswith("30000")


def test_what_seeds_do_not_show_is_undecided(tmp_path):
    """Seeds that drift apart have no common trend, but do not show that there is none."""
    folder = stored(tmp_path)
    for number, drift in enumerate((-0.5, 0.0, 0.5)):
        path = locate_seed(folder, number) / METRICS
        table = polars.read_parquet(path)
        table.with_columns(
            polars.col("reward/delay_1") + drift * table["slot"] / 60_000
        ).write_parquet(path)
    found = judge_run(folder)
    assert found[SETTLES[1]] == "undecided"
    assert found["r_1,L ≈ r_2,L"] == "undecided"


def test_a_short_run_can_not_tell_when_rewards_settle(tmp_path):
    found = judge_run(stored(tmp_path, EIGHT, slots=30_000))
    assert found == dict.fromkeys(SETTLES, "undecided") | dict.fromkeys(ORDER, "holds")
    assert judge_run(tmp_path, 5000) == {}


def test_one_seed_has_lines_and_no_verdicts(tmp_path):
    folder = stored(tmp_path / "run", spread=(0.0,))
    assert set(judge_run(folder).values()) == {"undecided"}
    paths = write_curves(read_curves(folder), tmp_path)
    assert {path.name for path in paths} >= {
        "figure-3.png",
        "figure-3.svg",
        "figure-3.csv",
        "figure-3-validation.svg",
        "figure-3-claims.md",
    }


def test_numbers_that_can_not_be_decide_nothing(tmp_path):
    folder = stored(
        tmp_path,
        rewards={agent: lambda slot: np.where(slot > 20_000, np.nan, 0.5) for agent in AGENTS},
    )
    assert set(judge_run(folder).values()) == {"undecided"}
    assert write_curves(read_curves(folder), tmp_path)


def test_seeds_of_unequal_length_are_compared_up_to_the_shortest(tmp_path):
    found = read_curves(stored(tmp_path, slots=(60_000, 10_300, 20_000), planned=5))
    assert found.seeds == 3
    assert found.slots[-1] == 10_000
    assert found.validated.tolist() == [2000, 4000, 6000, 8000, 10_000]
    assert found.rewards["delay_1"].shape == (3, 20)


def test_a_run_before_its_first_validation_has_rewards_alone(tmp_path):
    folder = stored(tmp_path / "run", slots=1000)
    assert list(draw_panels(read_curves(folder))) == ["figure-3"]
    (folder / "seed-0" / SCORES).write_bytes(b"")
    assert [path.name for path in write_curves(read_curves(folder), tmp_path)] == [
        "figure-3.png",
        "figure-3.svg",
        "figure-3.pdf",
        "figure-3.csv",
    ]


def test_the_csv_holds_what_is_drawn(tmp_path):
    write_curves(read_curves(stored(tmp_path / "run")), tmp_path)
    rows = list(csv.DictReader((tmp_path / "figure-3.csv").read_text().splitlines()))
    assert len(rows) == 6 * 120
    assert (
        rows[0]["method"],
        rows[0]["slots played"],
        float(rows[0]["reward"]),
    ) == (
        "r_1,H",
        "500",
        0.6,
    )
    assert "r_1,C &lt; r_2,C" in (tmp_path / "figure-3-claims.md").read_text()


@pytest.mark.parametrize(("window", "allowed"), [(50, "100 to 60000"), (60_001, "100 to 60000")])
def test_windows_that_do_not_fit_are_refused(tmp_path, window, allowed):
    with pytest.raises(InputError, match=rf"--window {window}: .*allowed: {allowed}"):
        read_curves(stored(tmp_path), window)


def test_folders_without_runs_are_refused(tmp_path):
    with pytest.raises(InputError, match="no training run"):
        read_curves(tmp_path)
    stored(tmp_path, spread=(), planned=1)
    with pytest.raises(InputError, match="no seed has stored metrics"):
        read_curves(tmp_path)
    locate_seed(tmp_path, 0).mkdir()
    (locate_seed(tmp_path, 0) / METRICS).write_bytes(b"nonsense")
    with pytest.raises(StoreError, match="damaged"):
        read_curves(tmp_path)


def test_the_page_shows_curves_beside_the_figures_and_of_saved_runs(tmp_path):
    found = read_curves(stored(tmp_path / "runs" / "trained"))
    write_curves(found, tmp_path / "runs" / "trained")
    write_curves(found, tmp_path)
    figures = {"figure-3": "Fig. 3: rewards against iterations"}
    assert find_drawings(tmp_path, figures) == {
        "figure-3-validation": "Validations against iterations",
        "runs/trained/figure-3": "Fig. 3: rewards against iterations: trained",
        "runs/trained/figure-3-validation": "Validations against iterations: trained",
    }


def test_the_command_prints_and_writes(tmp_path, capsys):
    from sagin.cli.main import run

    folder = stored(tmp_path / "run")
    assert run(["curves", str(folder), "--json", "--out", str(tmp_path / "out")]) == 0
    told = json.loads(capsys.readouterr().out)
    words = [row["verdict"] for row in told["claims"]]
    assert words == ["holds"] * 6 + ["undecided"] * 2 + ["holds"]
    assert len(told["rewards"]) == 6
    assert run(["curves", str(folder), "--window", "30000"]) == 0
    assert "too few windows" in capsys.readouterr().out
    assert (folder / "figure-3.svg").exists()
    assert run(["curves", str(tmp_path)]) == 2
    assert "no training run" in capsys.readouterr().err
