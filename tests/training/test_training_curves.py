"""Curves and verdicts from tables as training writes them, made up here so that the answers are
known.
"""

import csv
import json

import numpy as np
import polars
import pytest

from sagin.errors import InputError, StoreError
from sagin.experiments.training_curves import (
    claim_rows,
    level,
    ordered,
    reward_panels,
    score_panels,
)
from sagin.learning.settings import make_settings
from sagin.report.curves import write
from sagin.report.runs import find_drawings
from sagin.slicing.scenario import build_scenario
from sagin.studies.statistics import Interval
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


def verdicts(folder):
    return {row[0].removesuffix(" (Fig. 3)"): row[3] for row in claim_rows(read_curves(folder))}


SETTLES = "the rewards settle by about 30000 iterations"


def test_a_window_is_the_mean_of_its_slots_and_the_interval_is_students(tmp_path):
    found = read_curves(stored(tmp_path, rewards={"delay_1": lambda slot: slot / 60_000}))
    assert found.slots[[0, -1]].tolist() == [500, 60_000]
    panels = reward_panels(found)
    assert list(panels) == ["slice H", "slice L", "slice C"]
    assert [line.method for line in panels["slice L"]] == ["layer 1", "layer 2"]
    first = panels["slice L"][0].y[0]
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
    panels = score_panels(read_curves(stored(tmp_path)))
    assert [line.y[0].estimate for (line,) in panels.values()] == pytest.approx(
        [0.5, 200.0, 20.0, 75.0]
    )
    assert panels["validation score"][0].x[:2] == (2000.0, 4000.0)


def test_the_paper_s_claims_hold_where_they_do(tmp_path):
    assert verdicts(stored(tmp_path)) == {
        SETTLES: "holds",
        "r_1,H > r_2,H": "holds",
        "r_1,C < r_2,C": "holds",
        "r_1,L ≈ r_2,L": "holds",
    }


def test_and_do_not_where_they_do_not(tmp_path):
    rewards = {
        agent: lambda slot, end=1.0 - value: end * slot / 60_000 for agent, value in AGENTS.items()
    }
    assert set(verdicts(stored(tmp_path, rewards=rewards)).values()) == {"does not hold", "holds"}
    found = verdicts(tmp_path)
    assert found[SETTLES] == found["r_1,H > r_2,H"] == found["r_1,C < r_2,C"] == "does not hold"


def test_some_rewards_that_still_move_make_it_hold_in_part(tmp_path):
    folder = stored(tmp_path, rewards={"coverage_2": lambda slot: 0.7 + 0.3 * slot / 60_000})
    (row, *_) = claim_rows(read_curves(folder))
    assert row[3] == "holds in part"
    assert row[2].startswith("5 of 6")
    assert (
        "still moving: r_2,C; greatest change r_2,C +0.097" in row[4]
    )  # 0.1 over a third, between the middles of 39 steps of 40
    assert float(fit_endings(read_curves(folder))["coverage_2"].change[0]) == pytest.approx(
        0.3 * 19_500 / 60_000
    )


def test_what_seeds_do_not_show_is_undecided(tmp_path):
    """Seeds that drift apart have no common trend, but don't show that there is none."""
    folder = stored(tmp_path)
    for number, drift in enumerate((-0.5, 0.0, 0.5)):
        path = locate_seed(folder, number) / METRICS
        table = polars.read_parquet(path)
        table.with_columns(
            polars.col("reward/delay_1") + drift * table["slot"] / 60_000
        ).write_parquet(path)
    found = verdicts(folder)
    assert found[SETTLES] == "undecided"
    assert found["r_1,L ≈ r_2,L"] == "undecided"


def test_a_short_run_can_not_tell_when_rewards_settle(tmp_path):
    found = verdicts(stored(tmp_path, slots=30_000))
    assert found.pop(SETTLES) == "undecided"
    assert set(found.values()) == {"holds"}
    assert claim_rows(read_curves(tmp_path, 5000)) == []


def test_one_seed_has_lines_and_no_verdicts(tmp_path):
    folder = stored(tmp_path / "run", spread=(0.0,))
    assert set(verdicts(folder).values()) == {"undecided"}
    paths = write(read_curves(folder), tmp_path)
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
    assert set(verdicts(folder).values()) == {"undecided"}
    assert write(read_curves(folder), tmp_path)


def test_seeds_of_unequal_length_are_compared_up_to_the_shortest(tmp_path):
    found = read_curves(stored(tmp_path, slots=(60_000, 10_300, 20_000), planned=5))
    assert found.seeds == 3
    assert found.slots[-1] == 10_000
    assert found.validated.tolist() == [2000, 4000, 6000, 8000, 10_000]
    assert found.rewards["delay_1"].shape == (3, 20)


def test_a_run_before_its_first_validation_has_rewards_alone(tmp_path):
    folder = stored(tmp_path / "run", slots=1000)
    assert score_panels(read_curves(folder)) == {}
    (folder / "seed-0" / SCORES).write_bytes(b"")
    assert [path.name for path in write(read_curves(folder), tmp_path)] == [
        "figure-3.png",
        "figure-3.svg",
        "figure-3.pdf",
        "figure-3.csv",
    ]


def test_the_csv_holds_what_is_drawn(tmp_path):
    write(read_curves(stored(tmp_path / "run")), tmp_path)
    rows = list(csv.DictReader((tmp_path / "figure-3.csv").read_text().splitlines()))
    assert len(rows) == 6 * 120
    assert (
        rows[0]["panel"],
        rows[0]["method"],
        rows[0]["iterations (slots)"],
        float(rows[0]["reward"]),
    ) == (
        "slice H",
        "layer 1",
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


def test_words_of_a_difference():
    cases = {
        (0.2, 0.1, 0.3): "holds",
        (-0.2, -0.3, -0.1): "does not hold",
        (0.1, -0.1, 0.3): "undecided",
    }
    assert {values: ordered(Interval(*values))[0] for values in cases} == cases
    cases = {
        (0.0, -0.04, 0.04): "holds",
        (0.2, 0.1, 0.3): "does not hold",
        (-0.2, -0.3, -0.1): "does not hold",
        (0.0, -0.1, 0.1): "undecided",
    }
    assert {values: level(Interval(*values))[0] for values in cases} == cases


def test_the_page_shows_curves_beside_the_figures_and_of_saved_runs(tmp_path):
    found = read_curves(stored(tmp_path / "runs" / "trained"))
    write(found, tmp_path / "runs" / "trained")
    write(found, tmp_path)
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
    assert [row["verdict"] for row in told["claims"]] == ["holds"] * 4
    assert len(told["rewards"]) == 6
    assert run(["curves", str(folder), "--window", "30000"]) == 0
    assert "too few windows" in capsys.readouterr().out
    assert (folder / "figure-3.svg").exists()
    assert run(["curves", str(tmp_path)]) == 2
    assert "no training run" in capsys.readouterr().err
