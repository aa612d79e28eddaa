"""A paper's study as files, drawn and judged from a store with known numbers."""

import csv
import json

import pytest

import report_paper
from report_paper import LINES, LOADS, NETWORK, PAPER
from sagin.errors import StoreError
from sagin.parameters import to_mapping
from sagin.report import verdicts as stored_verdicts
from sagin.report.reproduction import write_study
from sagin.report.study import STUDY_FILE, Study, read_study, save_study
from sagin.studies.claim import read_verdicts
from sagin.studies.collection import fill
from sagin.studies.store import Store

NAME = "report_paper:PAPER"


def make_study(profile="standard", methods=(), figures=(LINES, LOADS, NETWORK), overrides=()):
    scenario = PAPER.load_scenario("paper", overrides)
    return Study(NAME, PAPER, list(figures), scenario, PAPER.profiles[profile], methods)


def fill_store(study, folder):
    points = study.list_all_points()
    store = Store(folder)
    fill(store, points, PAPER.make, lambda steps: None)
    return store


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder of a study with a further method, its paths and section."""
    folder = tmp_path_factory.mktemp("study")
    study = make_study(methods=("mine",))
    return folder, *write_study(study, fill_store(study, folder))


def test_verdicts_are_stored_by_id_and_shown_in_words(written):
    folder, paths, section = written
    verdicts = read_verdicts((folder / "verdicts.json").read_text(), "verdicts.json")
    assert {name: one.verdict for name, one in verdicts.items()} == {
        "gain": "holds",
        "lower": "does not hold",
        "load": "undecided",
    }
    # fast is 1.5 times slow, plus the squares of 0 to 9 kbit/s
    assert verdicts["gain"].estimate == pytest.approx(50.0 + 100 * 28_500 / 500.045e6)
    assert json.loads((folder / "verdicts.json").read_text())["provenance"]["profile"] == "standard"
    assert folder / "claims.md" in paths
    first = dict(zip(section.claims.columns, section.claims.rows[0], strict=True))
    assert (first["claim"], first["verdict"]) == ("fast beats slow (Fig. 1)", "holds")
    assert first["printed"] == "50 %"


def test_a_figure_shows_its_methods_and_those_of_others(written):
    folder, _, section = written
    rows = list(csv.reader((folder / "figure-1.csv").read_text().splitlines()))[1:]
    assert list(dict.fromkeys(row[0] for row in rows)) == ["Fast", "Slow", "bound", "mine", "users"]
    assert float(rows[0][2]) == pytest.approx(1.5 * (500 + 1e-2 * 4.5) + 0.0285, rel=1e-5)
    assert section.looks["bound"].dashed
    assert len({section.looks[name] for name in ("Fast", "Slow", "bound", "mine")}) == 4
    panels = list(csv.reader((folder / "figure-2.csv").read_text().splitlines()))[1:]
    assert {tuple(row[:2]) for row in panels} >= {("Fast", "rate"), ("Slow", "BS 1")}


def test_a_network_is_drawn_as_a_map_with_its_places(written):
    folder, paths, section = written
    names = [path.name for path in paths]
    assert {f"figure-3.{ending}" for ending in ("png", "svg", "pdf", "csv", "scene.json")} <= {
        *names
    }
    assert "GBS: 1" in (folder / "figure-3.svg").read_text()
    assert "user,user 1,10,20,GBS" in (folder / "figure-3.csv").read_text()
    assert section.scenes == {"figure-3": "a network"}
    assert section.figures["figure-3"] == NETWORK.title


def test_a_paper_s_own_tables_are_shown(written):
    _, _, section = written
    assert section.tables["Results"].rows == [("results", "9")]


def test_numbers_behind_the_verdicts_are_kept_by_seed(written):
    folder, _, _ = written
    rows = list(csv.reader((folder / "numbers.csv").read_text().splitlines()))
    assert rows[0] == ["figure", "method", "metric", "x", "seed", "value"]
    assert ["figure-1", "slow", "rate", "10", "2", "5.0002e+08"] in rows


def test_the_same_store_gives_the_same_files_again(written):
    folder, paths, _ = written
    before = [path.read_bytes() for path in paths]
    again, _ = write_study(make_study(methods=("mine",)), Store(folder))
    assert [path.read_bytes() for path in again] == before


def test_of_an_empty_store_nothing_is_drawn_or_judged(tmp_path):
    paths, section = write_study(make_study(), Store(tmp_path))
    assert paths == []
    assert (section.figures, section.tables, section.claims.rows) == ({}, {}, [])


def test_a_short_run_of_the_paper_s_scenario_shows_the_stored_verdicts_too(
    tmp_path, written, monkeypatch
):
    content = (written[0] / "verdicts.json").read_text()
    (tmp_path / f"{PAPER.name}.json").write_text(content)
    monkeypatch.setattr(stored_verdicts, "STORED_FOLDER", tmp_path)
    figures = (LINES, LOADS)
    study = make_study("quick", figures=figures)
    _, section = write_study(study, fill_store(study, tmp_path / "quick"))
    row = dict(zip(section.claims.columns, section.claims.rows[0], strict=True))
    assert row["stored verdict"] == "holds, profile standard"
    assert "quick" in section.note
    other = make_study("quick", figures=figures, overrides=("users.count=5",))
    for study in (other, make_study(figures=figures)):
        _, section = write_study(study, fill_store(study, tmp_path / study.profile_name()))
        assert "stored verdict" not in section.claims.columns
        assert not section.note


def test_what_is_kept_of_a_study_adds_up(tmp_path):
    for figure, methods in ((LINES, ("mine",)), (LOADS, ()), (LINES, ("yours",))):
        save_study(tmp_path, make_study(figures=(figure,), methods=methods).describe())
    study = read_study(tmp_path / STUDY_FILE)
    assert [figure.id for figure in study.figures] == ["figure-1", "figure-2"]
    assert (study.paper, list(study.methods)) == (PAPER, ["mine", "yours"])
    assert to_mapping(study.scenario) == to_mapping(make_study().scenario)
    save_study(tmp_path, make_study("quick", figures=(LOADS,)).describe())
    assert [figure.id for figure in read_study(tmp_path / STUDY_FILE).figures] == ["figure-2"]


@pytest.mark.parametrize("damage", ["{", "[]", '{"schema": 2}', '{"schema": 2, "paper": "none"}'])
def test_a_damaged_study_is_refused(tmp_path, damage):
    (tmp_path / STUDY_FILE).write_text(damage)
    with pytest.raises(StoreError, match=r"study\.json: damaged"):
        read_study(tmp_path / STUDY_FILE)


def test_a_study_of_an_earlier_version_is_refused_with_what_to_do(tmp_path):
    (tmp_path / STUDY_FILE).write_text('{"study": "slicing", "figures": ["figure-8"]}')
    for action in (
        lambda: read_study(tmp_path / STUDY_FILE),
        lambda: save_study(tmp_path, make_study().describe()),
    ):
        with pytest.raises(StoreError, match=r"0\.1\.0 .*again, into another folder") as refusal:
            action()
        assert "\n" not in str(refusal.value)


def test_the_made_up_paper_is_what_a_paper_needs():
    assert report_paper.make({"method": "", "seeds": 1, "radius_m": 1.0}, lambda _: None, None)
