"""A study has the same numbers with every engine, and the launcher of workers loads no JAX."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import report_paper
from sagin.cli.main import run
from sagin.papers import REGISTRY
from sagin.studies.store import Store

TESTS = Path(__file__).parents[1]
PAPER = "report_paper:PAPER"
SCRIPT = """
import sys
from sagin.cli.main import run
from sagin.studies import collection

fill = collection.fill

def watched(*given, **options):
    count = fill(*given, **options)
    print("computed", count, "with jax" if "jax" in sys.modules else "without jax")
    return count

if __name__ == "__main__":
    collection.fill = watched
    sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def reproduce(tmp_path):
    """Reproduce the made-up paper with options, and return what is printed and the results."""
    (tmp_path / "script.py").write_text(SCRIPT)

    def start(name, *options):
        script, folder = tmp_path / "script.py", tmp_path / name
        command = [sys.executable, script, "reproduce", PAPER, "-q", "--out", folder, *options]
        paths = os.pathsep.join(map(str, (TESTS.parent / "src", TESTS)))
        environment = {**os.environ, "PYTHONPATH": paths}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        results = {
            json.dumps(stored.task, sort_keys=True): repr(stored.result.samples)
            for stored in Store(folder).results()
        }
        return done.stdout, results

    return start


@pytest.mark.slow
def test_workers_give_the_numbers_of_one_process_and_their_launcher_loads_no_jax(reproduce):
    text, results = reproduce("beside", "--workers", "2")
    assert "computed 2 without jax" in text
    alone, same = reproduce("alone", "--workers", "1")
    assert "computed 2 with" in alone
    assert results == same
    assert alone.split("jax", 1)[1] == text.split("jax", 1)[1]


@pytest.mark.slow
def test_a_cluster_gives_the_numbers_of_one_process(reproduce):
    pytest.importorskip("ray")
    text, results = reproduce("cluster", "--engine", "ray", "--workers", "2")
    assert "computed 2 without jax" in text
    assert results == reproduce("alone", "--workers", "1")[1]


def output(capsys, *arguments):
    """Run a command that has to succeed, and return what it prints."""
    assert run([*map(str, arguments), "-q"]) == 0, capsys.readouterr().err
    return capsys.readouterr()


def reproduce_here(capsys, folder, *options):
    options = ("--workers", "1", "--json", "--out", folder, *options)
    return json.loads(output(capsys, "reproduce", PAPER, *options).out)


def test_what_is_stored_is_not_computed_again(capsys, tmp_path, monkeypatch):
    first = reproduce_here(capsys, tmp_path)
    assert [row["verdict"] for row in first] == ["holds", "undecided", "undecided"]

    def never(*_):
        raise AssertionError("a stored result was computed again")

    monkeypatch.setattr(report_paper, "make", never)
    assert reproduce_here(capsys, tmp_path) == first
    with pytest.raises(AssertionError, match="computed again"):
        reproduce_here(capsys, tmp_path, "--method", "mine")


def test_figures_and_methods_are_as_they_are_asked_for(capsys, tmp_path):
    rows = reproduce_here(capsys, tmp_path, "1", "--method", "mine")
    assert [row["claim"] for row in rows] == [
        "fast beats slow (Fig. 1)",
        "slow beats fast (Fig. 1)",
    ]
    assert "\nmine,10," in (tmp_path / "figure-1.csv").read_text()
    assert not (tmp_path / "figure-2.csv").exists()


def test_a_report_is_drawn_from_the_store_alone_and_says_what_is_amiss(capsys, tmp_path):
    first = reproduce_here(capsys, tmp_path, "--method", "mine")
    again = run(["report", str(tmp_path), "--json"]), capsys.readouterr()
    assert again[0] == 0
    assert json.loads(again[1].out) == first
    assert "sagin:" not in again[1].err
    drawn = (tmp_path / "figure-1.csv").read_bytes()
    (tmp_path / "figure-1.csv").unlink()
    (tmp_path / "index.html").unlink()
    damaged, former, *_ = sorted(Store(tmp_path).paths())
    content = json.loads(former.read_text())
    damaged.write_text("{")
    former.unlink()
    content.pop("digest")
    content["task"]["version"] = "0.0.9"
    from sagin.files import compute_digest

    Store(tmp_path).keep({**content, "digest": compute_digest(content)})
    assert run(["report", str(tmp_path)]) == 0
    told = capsys.readouterr().err
    assert "1 result not there yet" in told
    assert "1 result damaged" in told
    assert "1 result of another version or behaviour of sagin (0.0.9)" in told
    assert (tmp_path / "index.html").exists()
    assert (tmp_path / "figure-1.csv").read_bytes() != drawn
    made = json.loads((tmp_path / "provenance.json").read_text())
    assert made["records of another version or behaviour"] == 1


def test_a_report_of_nothing_or_of_an_earlier_version_is_refused_in_one_line(capsys, tmp_path):
    reproduce_here(capsys, tmp_path)
    for path in Store(tmp_path).paths():
        path.unlink()
    assert run(["report", str(tmp_path)]) == 1
    assert "no results of the study yet" in capsys.readouterr().err
    (tmp_path / "study.json").write_text('{"study": "relaying"}')
    for command in (["report", str(tmp_path)], ["reproduce", PAPER, "--out", str(tmp_path), "-q"]):
        assert run([*command]) == 1
        (line,) = capsys.readouterr().err.splitlines()
        assert "0.1.0" in line
        assert "into another folder" in line


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("3",), "figure 'figure-3': the profile quick has not all that it shows"),
        (("3",), "(allowed with: --profile standard)"),
        (("99",), "figure 'figure-99': unknown; allowed: figure-1, figure-2, figure-3"),
        (("--optimum",), "--optimum: paper report_paper:PAPER has none (allowed with: relaying"),
        (("--profile", "long"), "--profile 'long': unknown; allowed: quick, standard"),
        (("--scenario", "none"), "none"),
    ],
)
def test_what_a_study_lacks_is_told_with_where_it_is(capsys, tmp_path, arguments, line):
    assert run(["reproduce", PAPER, *arguments, "--workers", "1", "--out", str(tmp_path)]) == 2
    assert line in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("weather", ("weather", "relaying", "package.module:PAPER")),
        ("nowhere:PAPER", ("nowhere:PAPER", "cannot be loaded")),
        ("report_paper:CLAIMS", ("report_paper:CLAIMS", "tuple")),
    ],
)
def test_a_paper_that_is_none_is_refused_in_one_line(capsys, tmp_path, name, parts):
    assert run(["reproduce", name, "--workers", "1", "--out", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert all(part in line for part in parts)


def test_all_papers_are_those_of_the_registry(capsys, tmp_path):
    assert run(["reproduce", "all", "2", "--workers", "1", "--out", str(tmp_path)]) == 2
    assert f"(allowed with: {', '.join(REGISTRY)})" in capsys.readouterr().err
