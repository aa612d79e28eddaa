"""The tables that the documentation's hooks generate from stored results and settings."""

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


def test_every_field_of_relaying_is_on_its_page(hooks):
    from sagin.parameters import list_fields
    from sagin.relaying import Scenario

    page = (ROOT / "docs" / "relaying" / "fidelity.md").read_text(encoding="utf-8")
    page = hooks.on_page_markdown(page)
    fields = list(list_fields(Scenario))
    for name, parameter, _ in fields:
        assert f"| `{name}` | {parameter.symbol} | {parameter.text} |" in page
        # a value that the paper does not print has another reading or a reason of its own
        if parameter.mark in ("open", "erratum"):
            assert parameter.other, name
    assert page.count("\n| `") == len(fields)


def test_stored_verdicts_are_shown_by_claim(hooks, tmp_path):
    from sagin.papers import find_paper
    from sagin.studies.claim import Verdict, write_verdicts

    assert hooks.verdicts("relaying", tmp_path) == "No verdicts are stored yet."
    claims = find_paper("relaying").claims[:2]
    rows = [
        Verdict(claim.id, word, "a reason", 1.0, 0.5, 1.5)
        for claim, word in zip(claims, ("holds", "not tested"), strict=True)
    ]
    write_verdicts(tmp_path / "relaying.json", rows, {})
    lines = hooks.verdicts("relaying", tmp_path).splitlines()
    assert len(lines) == 4
    assert all(claim.source in line for claim, line in zip(claims, lines[2:], strict=True))
    assert "| holds | a reason |" in lines[2]
    assert "| not tested | a reason |" in lines[3]


def test_learned_verdicts_of_the_past_are_not_tested(hooks, tmp_path):
    (tmp_path / "table.md").write_text(
        "| claim | policy | ours | verdict | why |\n|---|---|---|---|---|\n"
        "| BS 2 | random | from 26.7 | holds | within a fifth |\n"
        "| BS 2 | no balancing, learned | from 44.6 | holds in part | more |\n"
    )
    (tmp_path / "cells.md").write_text(
        "| claim | policy | default |\n|---|---|---|\n"
        "| a holds here | greedy, 20 runs | holds: +1 % |\n"
        "| a holds here | learned, 3 seeds | does not hold: +2 % |\n"
    )
    table = hooks.history("table.md", tmp_path).splitlines()
    assert table[2] == "| BS 2 | random | from 26.7 | holds | within a fifth |"
    assert table[3].startswith("| BS 2 | no balancing, learned | from 44.6 | *not tested* | ")
    assert "more" not in table[3]
    cells = hooks.history("cells.md", tmp_path).splitlines()
    assert cells[2] == "| a holds here | greedy, 20 runs | holds: +1 % |"
    assert cells[3] == "| a holds here | learned, 3 seeds | *not tested*: +2 % |"


def test_the_leaderboard_is_made_from_its_entries(hooks, tmp_path):
    from sagin.leaderboard.entry import Entry, write_entry
    from sagin.leaderboard.protocol import TRACKS
    from sagin.studies.record import Result, make_sample

    assert hooks.leaderboard(tmp_path) == "No method is entered yet."
    track = TRACKS["relaying"]
    for name, lead in (("mine|2", 2e9), ("rule", 0.0)):
        samples = [
            make_sample(name, metric, [1e9 * x + lead] * track.repeats, x=float(x))
            for x in track.values
            for metric, *_ in track.metrics
        ]
        write_entry(
            tmp_path, Entry("relaying", name, "", "me", "", "sagin", "", 0.002, Result(samples))
        )
    (tmp_path / "bounds.json").write_text(
        json.dumps({"relaying": {str(x): [5.0, 5.0] for x in track.values}})
    )
    lines = hooks.leaderboard(tmp_path).splitlines()
    assert lines[0] == f"## {track.text}"
    assert lines[4].startswith(r"| mine\|2 | me | 4.000 | best | 3.000 | 4.000 | 5.000 |")
    assert lines[5].startswith("| rule | me | 2.000 | −2.000 ")
    assert "| 3 | 5.000 | 2 |" in lines
