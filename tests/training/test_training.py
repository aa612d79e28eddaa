"""Training runs that are stopped and resumed end like uninterrupted ones, with complete and
consistent files.
"""

import dataclasses
import json
import math
import resource
import shutil
import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import polars
import pytest

from sagin.errors import InputError, StoreError
from sagin.files import lock_folder
from sagin.learning import checkpoint
from sagin.learning.settings import make_settings
from sagin.learning.stage import list_stages
from sagin.slicing.scenario import build_scenario
from sagin.training import run as runs
from sagin.training import seed as seeds_
from sagin.training.algorithms import ALGORITHMS
from sagin.training.policy import load_numpy_policy
from sagin.training.records import EventFile, encode_table, read_rows
from sagin.training.run import CHECKPOINT, METRICS, POLICY, RUN, SCORES, TrainingRun
from sagin.training.seed import Progress, SeedTraining
from sagin.training.seeds import train_seeds
from training.small_runs import SMALL, TINY, interrupt_after, same, trained


class Killed(BaseException):
    """Stand in for a process that ends at once."""


def killing(moment: int):
    """Return `write_atomically` that ends the process before (even moments) or after (odd ones) a
    write.
    """
    left = [moment]

    def write(path: Path, data: bytes) -> None:
        if left[0] == 0:
            raise Killed
        (path.parent).mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        if left[0] == 1:
            raise Killed
        left[0] -= 2

    return write


def test_a_run_killed_around_any_write_goes_on_bit_for_bit(whole, tmp_path, monkeypatch):
    moments, over = 0, False
    while not over:
        folder = tmp_path / str(moments)
        with monkeypatch.context() as patched:
            for module in (seeds_, checkpoint):
                patched.setattr(module, "write_atomically", killing(moments))
            try:
                trained(SMALL, folder)
                over = True
            except Killed:
                moments += 1
        same(trained(SMALL, folder), whole / "seed-0")
    assert moments >= 10


@pytest.mark.slow
def test_more_iterations_end_where_a_longer_run_ends(whole, tmp_path):
    trained(dataclasses.replace(SMALL, iterations=250), tmp_path)
    assert [row["slot"] for row in read_rows(tmp_path / METRICS)] == [100, 200, 250]
    trained(SMALL, tmp_path)
    assert [row["slot"] for row in read_rows(tmp_path / METRICS)] == [
        100,
        200,
        250,
        300,
        400,
    ]
    like = jax.eval_shape(runs.compile_run(SMALL.task)[0], jax.random.key(0))
    one, two = (
        checkpoint.load(folder / CHECKPOINT, like) for folder in (tmp_path, whole / "seed-0")
    )
    pairs = zip(
        jax.tree.leaves((one.turn, one.ring, one.learned)),
        jax.tree.leaves((two.turn, two.ring, two.learned)),
        strict=True,
    )
    assert all(
        np.asarray(a).tobytes() == np.asarray(b).tobytes()
        for a, b in pairs
        if not jnp.issubdtype(a.dtype, jax.dtypes.prng_key)
    )


def test_a_stop_saves_and_a_second_start_goes_on(whole, tmp_path):
    asked: list[int] = []

    def tell(news: Progress) -> None:
        asked.append(news.done)
        raise KeyboardInterrupt

    for slot in (100, 200, 300):
        with pytest.raises(KeyboardInterrupt):
            train_seeds(SMALL, (0, 1), tmp_path, 1, tell)
        assert asked[-1] == slot
        assert checkpoint.read_metadata(tmp_path / "seed-0" / CHECKPOINT)["done"] == slot
    assert not (tmp_path / "seed-1").exists()
    train_seeds(SMALL, (0,), tmp_path, 1, lambda news: asked.append(news.done))
    assert asked == [100, 200, 300, 400]
    same(tmp_path / "seed-0", whole / "seed-0")


def events(folder: Path) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield slot and scalars of all events as TensorBoard shows them: a start at a slot hides what
    came before from there on.
    """
    from tensorboardX.proto.event_pb2 import Event  # type: ignore[attr-defined]

    found: list[tuple[int, dict[str, float]]] = []
    for path in sorted(folder.glob("events.out.tfevents.*")):
        content, place = path.read_bytes(), 0
        while place < len(content):
            (length,) = struct.unpack_from("<Q", content, place)
            event = Event.FromString(content[place + 12 : place + 12 + length])
            place += 16 + length
            if event.HasField("session_log"):
                found = [one for one in found if one[0] < event.step]
            if event.HasField("summary"):
                found.append(
                    (event.step, {value.tag: value.simple_value for value in event.summary.value})
                )
    yield from found


@pytest.mark.parametrize("stop", [1, 3])
def test_tensorboard_shows_each_slot_once_with_the_numbers_of_the_tables(whole, tmp_path, stop):
    left = iter([False] * (stop - 1))
    with pytest.raises(StopIteration):
        # dies without saving what it did since slot 200
        SeedTraining(SMALL, 0, tmp_path).train(lambda progress: next(left))
    trained(SMALL, tmp_path)
    for folder in (tmp_path, whole / "seed-0"):
        found = dict(shown := list(events(folder)))
        assert [slot for slot, _ in shown] == [100, 200, 300, 400]
        assert not list(folder.glob("*" + socket.gethostname()))
        for name, prefix in ((METRICS, ""), (SCORES, "validation/")):
            for row in read_rows(folder / name):
                told = found[int(row.pop("slot"))]
                assert {key: told[f"{prefix}{key}"] for key in row} == pytest.approx(row, rel=1e-6)


def test_events_that_can_not_be_written_are_told_at_once(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    shown = EventFile(tmp_path, 1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))
    try:
        with pytest.raises(
            StoreError, match="TensorBoard events cannot be written: File too large"
        ):
            shown.write({f"reward/{number}": 1.0 for number in range(50)}, 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    shown.__exit__()
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"Not a directory|File exists"):
        EventFile(tmp_path / "file" / "seed-0", 1)


def test_tables_hold_rewards_indicators_and_validations(whole):
    metrics, scores = (polars.read_parquet(whole / "seed-0" / name) for name in (METRICS, SCORES))
    assert metrics["slot"].to_list() == scores["slot"].to_list() == [100, 200, 300, 400]
    assert {f"reward/{agent}" for agent in SMALL.task.game.agents} < set(metrics.columns)
    assert {"kpi/throughput", "kpi/delay", "kpi/coverage"} < set(metrics.columns)
    assert scores.columns == ["slot", "score", "throughput", "delay", "coverage"]
    assert np.isfinite(metrics.to_numpy()).all()
    assert metrics["kpi/coverage"].is_between(0, 1).all()
    told = checkpoint.read_metadata(whole / "seed-0" / POLICY)
    best = scores.sort("score")[-1]
    assert (told["score"], told["done"]) == (best["score"].item(), best["slot"].item())
    assert checkpoint.read_metadata(whole / "seed-0" / CHECKPOINT)["best"] == told["score"]
    goals, row = SMALL.scenario.objectives, scores.row(0, named=True)
    parts = (
        row["throughput"] / (1e6 * goals.throughput_reference_mbps),
        1 - row["delay"] / goals.delay_limit_s,
        row["coverage"],
    )
    assert row["score"] == pytest.approx(sum(parts) / 3, rel=1e-5)


def copied(whole: Path, folder: Path) -> Path:
    """Return a copy of seed 0 of the uninterrupted run."""
    shutil.copytree(whole / "seed-0", folder / "seed-0")
    return folder / "seed-0"


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        (CHECKPOINT, lambda content: content[:-1], "damaged or cut off"),
        (CHECKPOINT, lambda content: b"", "not a checkpoint"),
        (CHECKPOINT, lambda content: content[:40] + b"x" + content[41:], "damaged or cut off"),
        (METRICS, lambda content: content[: len(content) // 2], "damaged"),
        (METRICS, lambda content: b"garbage", "damaged"),
        (METRICS, lambda content: b"", "holds no row of slot 400"),
        (METRICS, lambda content: None, "holds no row of slot 400"),
        (
            METRICS,
            lambda content: encode_table([{"slot": 300, "a": 1.0}]),
            "holds no row of slot 400",
        ),
        (METRICS, lambda content: encode_table([{"other": 400}]), "damaged"),
        (
            METRICS,
            lambda content: encode_table([{"slot": float("nan")}]),
            "holds no row of slot 400",
        ),
        (SCORES, lambda content: content[:-9], "damaged"),
    ],
)
def test_damage_is_refused_with_one_line_that_names_the_file(whole, tmp_path, name, damage, says):
    path = copied(whole, tmp_path) / name
    if name != CHECKPOINT:
        forget_rows(path.parent / CHECKPOINT)
    content = damage(path.read_bytes())
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(StoreError, match=says) as found:
        SeedTraining(SMALL, 0, path.parent)
    assert str(path) in str(found.value)
    assert "\n" not in str(found.value)


def forget_rows(path: Path) -> None:
    """Make a checkpoint one of earlier versions, whose tables were files of their own."""
    like = jax.eval_shape(runs.compile_run(SMALL.task)[0], jax.random.key(0))
    about = checkpoint.read_metadata(path)
    kept = {name: value for name, value in about.items() if name not in (METRICS, SCORES)}
    checkpoint.save(path, checkpoint.load(path, like), kept)


@pytest.mark.parametrize(
    ("plan", "number"),
    [
        (SMALL, 1),
        (dataclasses.replace(SMALL, seed=1), 0),
        (dataclasses.replace(SMALL, settings=make_settings((*TINY, "maddpg.actor_rate=0.5"))), 0),
        (dataclasses.replace(SMALL, settings=make_settings((*TINY, "network.widths=[9]"))), 0),
        (dataclasses.replace(SMALL, settings=make_settings((*TINY, "maddpg.discount=0.5"))), 0),
    ],
)
def test_a_checkpoint_of_another_run_or_seed_is_refused(whole, tmp_path, plan, number):
    with pytest.raises(StoreError, match=r"of another run or seed|of other settings") as found:
        SeedTraining(plan, number, copied(whole, tmp_path))
    assert str(tmp_path / "seed-0" / CHECKPOINT) in str(found.value)


@pytest.mark.parametrize(
    ("change", "seeds", "says"),
    [
        ({"algorithm": "mappo"}, 1, "another algorithm (allowed"),
        ({"seed": 1}, 1, "another seed"),
        (
            {"scenario": build_scenario("paper"), "evaluate_every": 50},
            1,
            "another scenario, another evaluate_every",
        ),
        ({"settings": make_settings()}, 1, "another settings"),
        ({"iterations": 399}, 1, "399 iterations of 2 seeds are fewer"),
        ({}, 0, "at least 400 iterations of 2 seeds"),
    ],
)
def test_going_on_with_another_plan_is_refused(tmp_path, change, seeds, says):
    runs.write_run(tmp_path, SMALL, 2, resume=False)
    before = (tmp_path / RUN).read_bytes()
    with pytest.raises(InputError) as found:
        runs.write_run(tmp_path, dataclasses.replace(SMALL, **change), 1 + seeds, resume=True)
    assert says in str(found.value)
    assert (tmp_path / RUN).read_bytes() == before
    runs.write_run(
        tmp_path, dataclasses.replace(SMALL, iterations=500, checkpoint_every=7), 3, resume=True
    )
    plan, kept = runs.read_run(tmp_path)
    assert (plan.iterations, kept) == (500, 3)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: "garbage",
        lambda text: "[]",
        lambda text: "[" * 100_000,
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("two-layer-maddpg", "sarsa"),
        lambda text: text.replace('"iterations": 400', '"iterations": "400"'),
        lambda text: text.replace('"iterations": 400', '"iterations": 0'),
        lambda text: text.replace('"seeds": 1', '"seeds": 0'),
        lambda text: text.replace('"seeds": 1', '"seeds": 4294967296'),
        lambda text: text.replace('"seeds": 1', '"seeds": "4294967296"'),
        lambda text: text.replace('"seeds": 1', '"seeds": true'),
        lambda text: text.replace('"iterations": 400', '"iterations": true'),
        lambda text: text.replace('"iterations": 400', '"iterations": 1' + "0" * 30),
        lambda text: text.replace('"seed": 5', '"sead": 5'),
        lambda text: text.replace('"batch": 8', '"batch": 0'),
        lambda text: text.replace('"scenario": {', '"scenario": 7, "more": {'),
    ],
)
def test_a_damaged_plan_is_refused(whole, tmp_path, damage):
    text = (whole / RUN).read_text()
    assert damage(text) != text
    (tmp_path / RUN).write_text(damage(text))
    with pytest.raises(StoreError, match=r"run\.json") as found:
        runs.read_run(tmp_path)
    assert "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("slots", "ends"),
    [
        (1, [100, 200, 250]),
        (30, [90, 180, 270]),
        (100, [100, 200, 300]),
        (200, [200, 400]),
        (333, [333]),
    ],
)
def test_pieces_are_whole_rollouts_and_reach_the_end(slots, ends):
    done = []
    while not done or done[-1] < 250:
        before = done[-1] if done else 0
        done.append(before + slots * seeds_._count_iterations(before, 250, slots))
    assert done == ends


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mlp", "shared"])
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_and_network_runs_and_goes_on(algorithm, kind, tmp_path):
    settings = make_settings(
        (*TINY, f"network.kind={kind}", "network.row_width=4", "mappo.rollout=60")
    )
    plan = TrainingRun(SMALL.scenario, algorithm, settings, 240, evaluate_every=100)
    trained(plan, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        SeedTraining(plan, 0, tmp_path / "parts").train(interrupt_after(2))
    same(trained(plan, tmp_path / "parts"), tmp_path / "whole")
    assert all(
        math.isfinite(value)
        for row in read_rows(tmp_path / "whole" / METRICS)
        for value in row.values()
    )
    policy = load_numpy_policy(tmp_path / "whole")
    for stage in list_stages(plan.task.game):
        assert set(
            policy.act(
                {
                    agent: np.zeros(size)
                    for agent, size in zip(stage.agents, stage.observed, strict=True)
                }
            )
        ) == set(stage.agents)


def test_a_folder_that_something_writes_to_is_locked(whole, tmp_path):
    seed = SeedTraining(SMALL, 0, copied(whole, tmp_path))
    seed.run = dataclasses.replace(SMALL, iterations=500)
    with lock_folder(seed.folder), pytest.raises(StoreError, match="another process") as error:
        seed.train(bool)
    assert "\n" not in str(error.value)
    assert seed.done == 400


def test_a_checkpoint_of_other_draws_is_refused_and_its_policy_is_read(whole, tmp_path):
    folder = copied(whole, tmp_path)
    seed = SeedTraining(SMALL, 0, folder)
    metadata = checkpoint.read_metadata(folder / CHECKPOINT)
    del metadata["draws"]
    checkpoint.save(folder / CHECKPOINT, seed.state, metadata)
    with pytest.raises(StoreError, match=r"of an earlier sagin.*allowed: train again") as error:
        SeedTraining(SMALL, 0, folder)
    assert "\n" not in str(error.value)
    load_numpy_policy(folder)


def test_a_run_tells_what_made_it(whole):
    told = json.loads((whole / RUN).read_text())
    assert told["plan"]["algorithm"] == "two-layer-maddpg"
    assert {"jax", "numpy", "device", "commit"} <= set(told["provenance"])
    assert runs.read_run(whole) == (SMALL, 1)
