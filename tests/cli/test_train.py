"""`sagin train` and `sagin evaluate` as a user runs them: stopped, killed, resumed, damaged, and
with wrong input.
"""

import json
import random
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import polars
import pytest

from sagin.cli.main import run
from sagin.training.run import CHECKPOINT, METRICS, POLICY, SCORES
from stopping import stopped

TINY = ("network.widths=[8]", "maddpg.warm_up=20", "maddpg.replay=40", "maddpg.batch=8")
SETTINGS = [part for one in TINY for part in ("--setting", one)]
SMALL = [
    "train",
    "small",
    *SETTINGS,
    "--iterations",
    "1500",
    "--evaluate-every",
    "500",
    "--checkpoint-every",
    "200",
    "-q",
]


def output(capsys, *arguments: str) -> str:
    """Run a command that has to succeed, and return what it prints."""
    assert run(list(arguments)) == 0, capsys.readouterr().err
    return capsys.readouterr().out


def complaint(capsys, *arguments: str, status: int = 2) -> str:
    """Run a command that has to fail, and return its one line."""
    assert run(list(arguments)) == status
    captured = capsys.readouterr()
    assert captured.out == ""
    (line,) = captured.err.strip().splitlines()
    return line


def same(one: Path, two: Path) -> None:
    """Check that two seeds' folders have the same parameters, policies and tables."""
    assert (one / CHECKPOINT).read_bytes() == (two / CHECKPOINT).read_bytes()
    assert (one / POLICY).read_bytes() == (two / POLICY).read_bytes()
    for name in (METRICS, SCORES):
        assert polars.read_parquet(one / name).equals(polars.read_parquet(two / name))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Train two seeds in turn without interruption."""
    folder = tmp_path_factory.mktemp("train") / "whole"
    assert run([*SMALL, "--seeds", "2", "--workers", "1", "--out", str(folder)]) == 0
    return folder


def killed_and_gone_on(whole: Path, folder: Path, begun: str, wait: float) -> int:
    """Kill a run, resume it, compare it with the uninterrupted one; return the first status."""
    seeds = ("--seeds", "2", "--workers", "1", "--out", str(folder))
    status, _ = stopped(signal.SIGKILL, folder / begun, wait, *SMALL, *seeds)
    assert run([*SMALL, *seeds, "--resume"]) == 0
    for number in range(2):
        same(folder / f"seed-{number}", whole / f"seed-{number}")
        assert not list((folder / f"seed-{number}").glob(f"{CHECKPOINT}?*"))
    return status


@pytest.mark.slow
def test_a_killed_run_goes_on_bit_for_bit(whole, tmp_path):
    assert (
        killed_and_gone_on(whole, tmp_path, f"seed-0/{CHECKPOINT}", random.random() * 0.3)
        == -signal.SIGKILL
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "begun",
    [
        "run.json",
        f"seed-0/{POLICY}",
        f"seed-0/{METRICS}",
        f"seed-1/{CHECKPOINT}",
        f"seed-1/{POLICY}",
    ],
)
@pytest.mark.parametrize("attempt", range(3))
def test_a_run_killed_at_any_moment_goes_on_bit_for_bit(whole, tmp_path, begun, attempt):
    killed_and_gone_on(
        whole, tmp_path, begun, random.random() * (5.0 if begun == "run.json" else 0.3)
    )


def test_ctrl_c_saves_and_the_run_goes_on(whole, tmp_path, capsys):
    folder, seed = tmp_path / "run", tmp_path / "run/seed-0"
    status, errors = stopped(signal.SIGINT, seed / CHECKPOINT, 0.0, *SMALL, "--out", str(folder))
    assert status == 130
    (line,) = errors.splitlines()
    assert "--resume" in line
    assert 200 <= len(polars.read_parquet(seed / METRICS)) * 100 < 1500
    output(capsys, *SMALL, "--out", str(folder), "--resume")
    same(seed, whole / "seed-0")


@pytest.mark.slow
def test_seeds_beside_each_other_stop_when_asked_and_are_those_in_turn(whole, tmp_path, capsys):
    folder = tmp_path / "run"
    both = (*SMALL, "--seeds", "2", "--out", str(folder))
    status, errors = stopped(
        signal.SIGTERM, folder / f"seed-1/{CHECKPOINT}", 0.0, *both, "--workers", "2"
    )
    assert (status, len(errors.splitlines())) == (130, 1)
    slots = [
        max(polars.read_parquet(folder / f"seed-{number}" / METRICS)["slot"].to_list())
        for number in range(2)
    ]
    assert min(slots) >= 100
    assert slots[1] < 1500
    output(capsys, *both, "--resume", "--workers", "1")
    for number in range(2):
        same(folder / f"seed-{number}", whole / f"seed-{number}")


@pytest.mark.slow
def test_seeds_beside_each_other_end_as_in_turn(whole, tmp_path, capsys):
    output(capsys, *SMALL, "--seeds", "3", "--workers", "2", "--out", str(tmp_path))
    for number in range(2):
        same(tmp_path / f"seed-{number}", whole / f"seed-{number}")
    assert (tmp_path / "seed-2" / POLICY).exists()
    (tmp_path / "seed-1" / CHECKPOINT).write_bytes(b"garbage")
    line = complaint(
        capsys,
        *SMALL,
        "--seeds",
        "3",
        "--workers",
        "2",
        "--out",
        str(tmp_path),
        "--resume",
        status=1,
    )
    assert f"seed-1/{CHECKPOINT}: not a checkpoint" in line


def test_a_run_is_shown_on_held_out_slots(whole, capsys, tmp_path):
    asked = ("evaluate", str(whole), "--tests", "3", "--slots", "5", "-q")
    report = json.loads(output(capsys, *asked, "--json", "--policy", "all", "--out", str(tmp_path)))
    names = [one["policy"] for one in report["runs"]]
    assert names == [
        "two-layer-maddpg, 2 seeds",
        "seed 0",
        "seed 1",
        "random",
        "round-robin",
        "nearest-random",
        "nearest-greedy",
        "greedy",
        "selfish",
    ]
    means = [one["kpis"]["throughput"]["mean"] for one in report["runs"]]
    assert means[0] == pytest.approx((means[1] + means[2]) / 2)
    assert json.loads((tmp_path / "result.json").read_text())["runs"] == report["runs"]
    other = json.loads(
        output(
            capsys,
            "slice",
            "small",
            "--seeds",
            "3",
            "--slots",
            "5",
            "-q",
            "--json",
            "--policy",
            "all",
        )
    )
    assert other["runs"][-1]["kpis"]["throughput"] == pytest.approx(
        report["runs"][-1]["kpis"]["throughput"]
    )
    assert f"{means[1]:.1f} ±" in output(capsys, *asked)
    last = json.loads(output(capsys, *asked, "--json", "--which", "last"))
    assert len(last["runs"]) == 3
    assert json.loads(output(capsys, *asked, "--json"))["runs"] == report["runs"][:3]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        (f"seed-0/{CHECKPOINT}", b"", ("not a checkpoint", 1)),
        ("run.json", b"{}", ("damaged", 1)),
        ("run.json", None, ("no training run", 2)),
    ],
)
def test_damage_stops_a_run_with_one_line(whole, tmp_path, capsys, name, content, told):
    says, status = told
    assert run([*SMALL, "--iterations", "1500", "--out", str(tmp_path / "none"), "--resume"]) == 2
    capsys.readouterr()
    for path in whole.rglob("*"):
        if path.is_file():
            (tmp_path / path.relative_to(whole)).parent.mkdir(exist_ok=True)
            (tmp_path / path.relative_to(whole)).write_bytes(path.read_bytes())
    damaged = tmp_path / name
    damaged.unlink() if content is None else damaged.write_bytes(content)
    line = complaint(
        capsys,
        *SMALL,
        "--seeds",
        "2",
        "--workers",
        "1",
        "--out",
        str(tmp_path),
        "--resume",
        status=status,
    )
    assert says in line
    assert (str(damaged) if status == 1 else str(tmp_path)) in line


@contextmanager
def full_disk(size: int):
    """Limit the size of every file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("size", "names"), [(100, "run.json"), (7000, "can't be written"), (60_000, CHECKPOINT)]
)
def test_a_full_disk_is_told_and_what_was_stored_is_good(whole, tmp_path, capsys, size, names):
    out = ("--out", str(tmp_path / "run"))
    # up to a validation that the whole run has too
    output(capsys, *SMALL, "--iterations", "500", *out)
    with full_disk(size):
        line = complaint(capsys, *SMALL, *out, "--resume", status=1)
    assert names in line
    assert str(tmp_path) in line
    output(capsys, *SMALL, *out, "--resume")
    assert (tmp_path / "run/seed-0" / CHECKPOINT).read_bytes() == (
        whole / "seed-0" / CHECKPOINT
    ).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("--iterations", "0"), ("--iterations", "0")),
        (("--iterations", "many"), ("--iterations", "many")),
        (("--seeds", "0"), ("--seeds", "0")),
        (("--seed", "-1"), ("--seed",)),
        (("--workers", "0"), ("--workers",)),
        (("--evaluate-every", "0"), ("--evaluate-every",)),
        (("--algorithm", "sarsa"), ("--algorithm", "sarsa", "two-layer-maddpg", "mappo")),
        (("--setting", "nonsense"), ("nonsense", "section.field=value")),
        (("--setting", "maddpg.batsch=3"), ("--setting", "maddpg.batsch", "batch")),
        (("--setting", "maddpg.batch=0"), ("--setting", "maddpg.batch", "0", "1 to")),
        (("--setting", "maddpg.batch=many"), ("maddpg.batch", "many")),
        (("--setting", "maddpg.discount=nan"), ("maddpg.discount", "nan")),
        (("--setting", "network.widths=[]"), ("network.widths", "one to eight")),
        (("--setting", "network.widths=8"), ("network.widths",)),
        (
            ("--setting", "network.kind=shared", "--setting", "maddpg.critics=team"),
            ("maddpg.critics", "team", "each"),
        ),
        (("--setting", "mappo.minibatches=7"), ("mappo.minibatches", "divisor")),
        (("--setting", "maddpg.environments=7"), ("maddpg.replay", "multiple")),
        (("--set", "users.low_delay=-1"), ("users.low_delay", "-1")),
        (
            [f"--set=users.{name}=0" for name in ("high_throughput", "low_delay", "wide_coverage")],
            ("users", "no users"),
        ),
        (("--out", "/dev/null/x"), ("--out", "/dev/null/x")),
        (("--resume",), ("no training run", "sagin train --out")),
    ],
)
def test_wrong_input_gives_one_line_and_status_2_and_writes_nothing(
    capsys, tmp_path, monkeypatch, arguments, parts
):
    monkeypatch.chdir(tmp_path)
    line = complaint(capsys, "train", "small", "-q", *arguments)
    assert all(part in line for part in parts), line
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_run_is_neither_overwritten_nor_gone_on_with_otherwise(whole, capsys):
    files = {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()}
    out = ("--out", str(whole))
    assert "--resume, or another folder" in complaint(capsys, *SMALL, *out)
    two = (*SMALL, "--seeds", "2", *out, "--resume")
    assert "another algorithm" in complaint(capsys, *two, "--algorithm", "maddpg")
    assert "another settings" in complaint(capsys, *two, "--setting", "maddpg.batch=9")
    assert "another scenario" in complaint(capsys, *two, "--set", "uavs.count=0")
    assert "1500 iterations of 1 seeds" in complaint(capsys, *SMALL, *out, "--resume")
    assert "fewer" in complaint(capsys, *two, "--iterations", "100")
    assert {path: path.read_bytes() for path in whole.rglob("*") if path.is_file()} == files


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (("nowhere",), ("nowhere", "no training run")),
        (("nowhere", "--policy", "best"), ("best", "greedy")),
        (("nowhere", "--method", "best"), ("best", "greedy")),
        (("nowhere", "--which", "worst"), ("--which", "worst")),
        (("nowhere", "--tests", "0"), ("--tests", "0")),
        ((), ("RUN",)),
    ],
)
def test_evaluating_what_is_not_there_gives_one_line(capsys, arguments, parts):
    line = complaint(capsys, "evaluate", "-q", *arguments)
    assert all(part in line for part in parts), line


def test_a_seed_without_a_policy_yet_is_named(whole, capsys, tmp_path):
    (tmp_path / "run.json").write_bytes((whole / "run.json").read_bytes())
    line = complaint(
        capsys, "evaluate", str(tmp_path), "--tests", "2", "--slots", "2", "-q", status=1
    )
    assert f"seed-0/{POLICY}" in line


@pytest.mark.slow
def test_seeds_end_with_the_process_that_began_them(tmp_path):
    seeds = [f"seed-{number}" for number in range(2)]
    command = [
        sys.executable,
        "-m",
        "sagin",
        *SMALL,
        "--iterations",
        "1000000",
        "--seeds",
        "2",
        "--workers",
        "2",
        "--out",
        str(tmp_path),
    ]
    process = subprocess.Popen(command)
    try:
        while not all((tmp_path / seed / CHECKPOINT).exists() for seed in seeds):
            time.sleep(0.05)
    finally:
        process.kill()
        process.wait()
    time.sleep(5.0)
    before = [(tmp_path / seed / CHECKPOINT).read_bytes() for seed in seeds]
    time.sleep(5.0)
    assert [(tmp_path / seed / CHECKPOINT).read_bytes() for seed in seeds] == before
