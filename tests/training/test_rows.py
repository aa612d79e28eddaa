"""A checkpoint and its rows are written as one file, even if a process is killed between writes."""

import shutil
import time

import polars
import pytest

from sagin.training.policy import load_policy
from sagin.training.records import encode_table, read_rows
from sagin.training.run import METRICS, SCORES, read_run
from sagin.training.seed import SeedTraining
from sagin.training.seeds import train_run
from training.small_runs import SMALL


@pytest.mark.parametrize("content", [None, b"", b"garbage"])
def test_a_checkpoint_carries_its_own_rows_and_mends_the_tables(whole, tmp_path, content):
    folder = tmp_path / "seed-0"
    shutil.copytree(whole / "seed-0", folder)
    for name in (METRICS, SCORES):
        (folder / name).unlink()
        if content is not None:
            (folder / name).write_bytes(content)
    SeedTraining(SMALL, 0, folder).train(bool)
    for name in (METRICS, SCORES):
        assert (folder / name).read_bytes() == (whole / "seed-0" / name).read_bytes()
    # a trainer that was ahead has died before its checkpoint: its rows are cut
    ahead = read_rows(whole / "seed-0" / METRICS)
    (folder / METRICS).write_bytes(encode_table([*ahead, {**ahead[-1], "slot": 500}]))
    assert SeedTraining(SMALL, 0, folder).rows == ahead


def test_a_folder_that_is_removed_meanwhile_and_a_clock_that_goes_back(
    whole, tmp_path, monkeypatch
):
    folder, ticks = tmp_path / "run", iter(range(10**9, 0, -1000))

    def report(progress):
        if progress.done == 100:
            shutil.rmtree(folder)
            monkeypatch.setattr(time, "time", lambda: float(next(ticks)))

    train_run(folder, SMALL, report, workers=1)
    assert read_run(folder) == (SMALL, 1)
    rows = [polars.read_parquet(place / "seed-0" / METRICS) for place in (whole, folder)]
    assert rows[0].equals(rows[1])
    assert load_policy(folder) is not None
    # all is there: nothing is done again
    train_run(folder, SMALL, lambda _: pytest.fail("trained again"), workers=1, resume=True)
