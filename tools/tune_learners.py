"""Tune MADDPG and MAPPO, each in two layers and in one, with the same trials and the same slots.

    python tools/tune_learners.py FOLDER [TRIALS]

Each family has ten trials (or TRIALS) of two seeds at K_s = 10: its defaults with either kind of
heads, then draws that all four families share. A trial's score is the mean over seeds of the best
validation. Then the best trial of each family is trained for twice as many slots, with a fresh
seed, and tested on the slots of the study. FOLDER keeps every run, so that the command goes on
where it was stopped, and at the end `trials.csv`, `best.csv` (the best so far by trial) and
`tests.csv`.
"""

import csv
import json
import sys
from pathlib import Path

import numpy as np

from sagin.files import write_atomically
from sagin.learning.settings import make_settings
from sagin.papers.slicing.evaluation import Trial, evaluate_actors
from sagin.papers.slicing.points import resize
from sagin.papers.slicing.run import train_seed
from sagin.parameters import vary_fields
from sagin.slicing.scenario import build_scenario, check_scenario
from sagin.training.policy import read_actors
from sagin.training.run import POLICY, TrainingRun

FAMILIES = ("two-layer-maddpg", "maddpg", "two-layer-mappo", "mappo")
TRIALS, SEEDS, USERS = 10, 2, 10
SLOTS, FULL, FULL_SEEDS = 24_000, 48_000, 1
"""Slots of a trial and of the last training, of all environments together."""
LEVELS = "heads.levels=[0.001,0.003,0.01,0.03,0.09,0.18,0.3,0.45,0.65,1.0]"
COMMON = {
    "maddpg": (
        *("maddpg.environments=20", "maddpg.replay=16000", "maddpg.batch=64"),
        "maddpg.warm_up=50",
    ),
    "mappo": (
        *("mappo.environments=100", "mappo.rollout=1", "mappo.epochs=2"),
        "mappo.shared_reward=true",
    ),
}
"""Of all trials of an algorithm."""
SHOWN = ("score", "throughput", "delay", "coverage", "offloaded", "collided")
CHOICES = {
    "maddpg": (
        *("heads.kind=gumbel", LEVELS, "network.skip=true"),
        *("maddpg.noise_end=0.1", "maddpg.saturation_bound=5"),
    ),
    "mappo": ("heads.kind=categorical", LEVELS, "network.skip=true"),
}
"""Of every second trial: heads of choices instead of the printed box."""
ENVIRONMENTS = {"maddpg": 20, "mappo": 100}


def list_trials(family: str) -> list[tuple[str, ...]]:
    """Return the settings of a family's trials; the two layouts of an algorithm have the same."""
    name, draw = family.removeprefix("two-layer-"), np.random.default_rng(0)
    trials = []
    for number in range(TRIALS):
        actor, critic, explore = draw.random(3)
        fields = [
            f"{name}.actor_rate={10 ** (2 * actor - (4.5 if name == 'maddpg' else 4)):.3g}",
            f"{name}.critic_rate={10 ** (2 * critic - 4):.3g}",
            f"maddpg.noise_start={0.1 + 0.9 * explore:.3g}"
            if name == "maddpg"
            else f"mappo.entropy={10 ** (2 * explore - 3):.3g}",
        ]
        # the first two trials are the defaults
        chosen = fields if number > 1 else []
        heads = CHOICES[name] if number % 2 else ()
        trials.append((*COMMON[name], *heads, *chosen))
    return trials


def plan_run(family: str, settings: tuple[str, ...], slots: int) -> TrainingRun:
    """Return a training at K_s = 10 whose agents are paid for all users."""
    name = family.removeprefix("two-layer-")
    steps = slots // ENVIRONMENTS[name]
    noise = (f"maddpg.noise_slots={steps / 2}",) if name == "maddpg" else ()
    shape = ("network.widths=[128]", *settings, *noise)
    scenario = vary_fields(
        resize(build_scenario("paper"), USERS), ("objectives.reward=all-users",), check_scenario
    )
    every = steps // 5
    return TrainingRun(scenario, family, make_settings(shape), steps, evaluate_every=every)


def train(folder: Path, family: str, settings: tuple[str, ...], slots: int, seed: int) -> list:
    """Return the validations of a training, which goes on from its folder's checkpoint."""
    done = folder / "validations.json"
    if not done.exists():
        folder.mkdir(parents=True, exist_ok=True)
        run = plan_run(family, settings, slots)
        scores = train_seed(run, seed, lambda _: None, folder).scores
        write_atomically(done, json.dumps([3 * row["score"] for row in scores]).encode())
        # what it would take to train on is large
        (folder / "checkpoint.sagin").unlink()
        print(folder, [round(3 * row["score"], 3) for row in scores], flush=True)
    return json.loads(done.read_text())


def tune(folder: Path, number: int, family: str) -> list[dict]:
    """Return a row for each seed of a family's trial."""
    rows, settings = [], list_trials(family)[number]
    for seed in range(SEEDS):
        place = folder / family / f"trial-{number}" / f"seed-{seed}"
        scores = train(place, family, settings, SLOTS, seed)
        row = {"family": family, "trial": number, "seed": seed, "best": max(scores)}
        rows.append(row | {"last": scores[-1], "settings": " ".join(settings)})
    return rows


def follow_best(rows: list[dict]) -> list[dict]:
    """Return the best mean score so far after each trial of a family, and whose it is."""
    best, follow = (-1.0, 0), []
    for number in sorted({row["trial"] for row in rows}):
        mean = float(np.mean([row["best"] for row in rows if row["trial"] == number]))
        best = max(best, (mean, number), key=lambda pair: pair[0])
        follow.append(
            {"family": rows[0]["family"], "trial": number, "score": mean, "best": best[0]}
            | {"of trial": best[1]}
        )
    return follow


def test(folder: Path, family: str, number: int, seed: int) -> dict:
    """Return the tests of a family's best trial at full length, for one seed."""
    place = folder / family / f"full-{number}" / f"seed-{seed}"
    settings = list_trials(family)[number]
    scores = train(place, family, settings, FULL, seed)
    run = plan_run(family, settings, FULL)
    trial = Trial(run.scenario, "", 50, 20, 0, (USERS,) * 3)
    kpis = evaluate_actors(run, read_actors(run, place / POLICY), trial)
    means = {name: float(np.mean(kpis[name])) for name in SHOWN}
    row = {"family": family, "trial": number, "seed": seed, "validation": max(scores)} | means
    print(row, flush=True)
    return row


def write_table(path: Path, rows: list[dict]) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        for row in rows:
            shown = {k: round(v, 4) if isinstance(v, float) else v for k, v in row.items()}
            table.writerow(shown)


def main(folder: Path, trials: int = TRIALS) -> None:
    """Do all trials, then all tests; tables are written as far as these have come."""
    rows: dict[str, list[dict]] = {family: [] for family in FAMILIES}
    for number in range(trials):
        for family in FAMILIES:
            rows[family] += tune(folder, number, family)
        write_table(folder / "trials.csv", [row for part in rows.values() for row in part])
        best = {family: follow_best(part) for family, part in rows.items()}
        write_table(folder / "best.csv", [row for part in best.values() for row in part])
    tests = []
    for seed in range(SEEDS, SEEDS + FULL_SEEDS):
        for family, part in best.items():
            tests.append(test(folder, family, part[-1]["of trial"], seed))
            write_table(folder / "tests.csv", tests)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
