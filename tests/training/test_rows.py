"""A checkpoint and the rows that belong to it are one file, whoever dies between writes."""

import shutil

import pytest

from sagin.training.records import encode_table, read_rows
from sagin.training.run import METRICS, SCORES
from sagin.training.seed import SeedTraining
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
