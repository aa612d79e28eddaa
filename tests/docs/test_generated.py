"""What the documentation's hook makes of stored results and settings."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hooks():
    pytest.importorskip("mkdocs")
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_simple_spread_is_a_mean_over_seeds_beside_published_figures(hooks, tmp_path):
    for seed, value in enumerate((-70.0, -72.0, -74.0)):
        curve = [
            {"steps": 500_000, "team_return": -80.0, "seconds": 60.0},
            {"steps": 1_000_000, "team_return": value, "seconds": 600.0},
        ]
        (tmp_path / f"maddpg-{seed}.json").write_text(
            json.dumps({"algorithm": "maddpg", "curve": curve[: 1 if seed == 2 else 2]})
        )
    lines = hooks.spread(tmp_path).splitlines()
    assert "| MADDPG | 0.5 M | −80.0 ± 0.0 | 3 | 1 min |  |" in lines
    assert "| MADDPG | 1 M | −71.0 ± 12.7 | 2 | 10 min | −76 |" in lines  # 12.706·√2/√2
    assert "| MADDPG | 2 M | not run | 0 |  | −67.5 |" in lines
    assert "| MAPPO | 10 M | not run | 0 |  | −69 |" in lines


def test_every_setting_is_in_its_table(hooks):
    from sagin.learning.settings import Settings
    from sagin.parameters import list_fields

    table = hooks.settings()
    assert all(f"| `{name}` |" in table for name, _, _ in list_fields(Settings))
    assert "Misprinted" not in table
