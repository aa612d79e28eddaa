"""An uninterrupted training run, computed once for all tests of this folder."""

import pytest

from sagin.training import run as runs
from training.small_runs import SMALL, trained


@pytest.fixture(scope="session")
def whole(tmp_path_factory):
    """A run that nothing interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    runs.write_run(folder, SMALL, 1, resume=False)
    trained(SMALL, folder / "seed-0")
    return folder
