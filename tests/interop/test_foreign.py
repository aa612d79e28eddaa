"""Other frameworks step beyond the end of an episode, each in a separate environment."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent / "foreign"
NAMES = sorted(path.stem for path in FOLDER.glob("*.txt"))
ROOT = Path(__file__).parents[2]


def test_every_framework_has_a_case():
    assert NAMES == ["rllib", "stable_baselines3", "supersuit", "torchrl"]
    assert all((FOLDER / f"{name}_case.py").exists() for name in NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_framework_plays_past_an_episodes_end(name, tmp_path):
    uv = shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")
    if uv is None:
        pytest.skip("no uv")
    venv = tmp_path / "venv"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(venv)], check=True)
    install = [uv, "pip", "install", "-q", "--python", str(venv / "bin" / "python")]
    needs = ["-r", str(FOLDER / f"{name}.txt"), f"{ROOT}[rl]"]
    installed = subprocess.run([*install, *needs], capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"{name} cannot be installed: {installed.stderr.strip()[-300:]}")
    played = subprocess.run(
        [venv / "bin" / "python", FOLDER / f"{name}_case.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stderr[-2000:]
    assert played.stdout.startswith("played") or "\nplayed" in played.stdout
