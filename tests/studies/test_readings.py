"""A search over readings finds the values of an invented paper, states its evidence, and resumes
from stored results.
"""

import json
from dataclasses import replace

import numpy as np
import pytest

import toy_survey
from sagin.choices import Span
from sagin.cli.main import run
from sagin.errors import InputError
from sagin.pool import Sequential
from sagin.studies.answers import answer
from sagin.studies.effort import EFFORTS
from sagin.studies.pairs import Pairs, compute_gain
from sagin.studies.prediction import predict, predict_interval
from sagin.studies.question import find_crossings, parse_span, vary_number
from sagin.studies.search import Laboratory
from sagin.studies.space import OpenNumber, Space, build_space
from sagin.studies.store import Store
from sagin.studies.survey import list_combinations
from toy_survey import PAPER, SURVEY

EFFORT = replace(EFFORTS["quick"], steps=6, polish_drops=10_000)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    scenario = toy_survey.Scenario()
    space = build_space(scenario)
    store = Store(tmp_path_factory.mktemp("readings"))
    return Laboratory(SURVEY, scenario, space, store, Sequential(), lambda _: None)


@pytest.fixture(scope="module")
def content(lab):
    return answer(lab, EFFORT, toy_survey.check_scenario)


def test_space_there_and_back():
    space = build_space(toy_survey.Scenario())
    assert space.size == 4
    readings = space.draw(16, 0)
    values = space.to_values(readings)
    assert set(values["link.rule"]) == {0, 1}
    for number, column in zip(space.numbers, readings.shares.T, strict=True):
        np.testing.assert_allclose(number.find_share(np.array(values[number.field])), column)
    assert space.list_changes(space.list_defaults()) == {}
    assert space.measure_moves(space.list_defaults()) == 0.0
    near = space.draw_near(16, 0, 0.25)
    is_moved = near.shares != space.list_defaults().shares
    assert 0.1 < is_moved.mean() < 0.4
    np.testing.assert_array_equal(near.shares[is_moved], readings.shares[is_moved])
    moved = readings.take([3])
    changes = space.list_changes(moved)
    assert changes["link.strength"] == pytest.approx(values["link.strength"][3], rel=1e-5)


def test_a_logarithmic_number():
    number = OpenNumber("x", Span(1.0, 100.0, "", is_log=True), 1.0)
    assert number.scale(0.25) == pytest.approx(100**0.25)
    assert number.find_share(number.scale(0.3)) == pytest.approx(0.3)


def test_gains_under_every_combination(lab):
    """Against the formulas by hand: ratio r, caption's factor f."""
    default = lab.space.list_defaults()
    means = lab.measure(default, 10_000)
    ours, rival, score = toy_survey.compute_series(2.0, 1.0, 0)
    for combination in list_combinations(SURVEY):
        ratios = [
            ours / rival,
            ours / (3.0 * rival if combination.rows[0].id == "other" else score),
        ]
        for number, ratio in enumerate(ratios):
            plotted = ratio * (toy_survey.FACTOR if combination.gain.is_plotted else 1.0)
            gain = 1.0 - 1.0 / plotted if combination.gain.over_method else plotted - 1.0
            predicted = predict(SURVEY, means, combination)[0, number]
            assert predicted == pytest.approx(100.0 * gain, abs=0.1)


def test_the_interval_is_that_of_the_delta_method(lab):
    """Of a gain over the rival, whose interval the judge computes another way."""
    means = lab.measure(lab.space.list_defaults(), 100, blocks=100)
    ours, theirs = (means[name, "rate"][0][None] for name in ("ours", "rival"))
    gain = replace(SURVEY.claims[0], factor=1.0)
    combination = next(list_combinations(SURVEY))
    expected = compute_gain(Pairs([2.0], ours, theirs))
    found = predict_interval(SURVEY, gain, means, combination)
    assert found.estimate == pytest.approx(expected.estimate)
    assert found.high - found.low == pytest.approx(expected.high - expected.low, rel=0.01)


def test_the_search_finds_what_was_used(content):
    nearest = content["nearest"]
    assert all(abs(row["misfit"]) < 0.3 for row in nearest["claims"])
    assert nearest["distance"] <= content["best"]["distance"] + 1e-9
    # what has no effect stays, and two gains need no more than two numbers
    assert not any("idle" in field for field in nearest["overrides"])
    assert nearest["moved"] + nearest["redefined"] <= 3
    assert any(abs(row["misfit"]) > 1.0 for row in content["default"]["claims"])


def test_the_region_and_the_guards(content):
    region, shares = content["region"], content["shares"]
    assert region["readings"] == region["tried"] == 2
    assert region["held"] == 3
    assert 0.0 <= shares["nearest"]["3"] <= shares["any"]["3"] <= 1.0
    assert not content["left_out"]["predicts"]
    assert len(content["left_out"]["rows"]) == 2
    losses = {row["gain"]: row["need_a_loss"] for row in content["exclusions"]}
    assert all(names == [] for names in losses.values())
    # the score depends on no number, but on the rule
    alone = [row for row in content["alone"]["hits"] if row["definitions"] == "default"]
    assert all("link.idle" not in row["values"] for row in alone)


def test_a_stored_search_computes_nothing(lab, content, monkeypatch):
    def refuse(*_):
        raise AssertionError("computed again")

    monkeypatch.setattr(toy_survey, "make", refuse)
    assert json.dumps(answer(lab, EFFORT, toy_survey.check_scenario)) == json.dumps(content)


def test_a_question(lab):
    number = parse_span(lab.scenario, "link.strength=0:8")
    combination = next(list_combinations(SURVEY))
    single = lab._replace(space=Space((number,), ()))
    content = vary_number(single, SURVEY.claims[0], combination, 5, 10_000)
    assert content["zero_at"] == []
    assert [row["value"] for row in content["rows"]] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert find_crossings([0.0, 2.0], [-1.0, 1.0], 0.0) == [1.0]
    for text in ("link.rule=0:1", "strength", "link.strength=3:1", "link.strength=a:b"):
        with pytest.raises(InputError, match="--vary"):
            parse_span(lab.scenario, text)


def test_the_command(tmp_path, capsys):
    name = "toy_survey:PAPER"
    arguments = ["readings", name, "--effort", "quick", "--out", str(tmp_path), "--workers", "1"]
    assert run([*arguments, "--quiet"]) == 0
    assert "nearest" in capsys.readouterr().out
    for file in ("readings.json", "claims.md", "left-out.md", "region.md", "index.html"):
        assert (tmp_path / file).stat().st_size > 0
    assert run([*arguments, "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["paper"] == PAPER.name
    question = ["--claim", "rate", "--vary", "link.strength=0:8", "--drops", "10"]
    assert run([*arguments, *question, "--quiet"]) == 0
    assert "link.strength" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing"], "paper 'nothing'"),
        (["toy_survey:PAPER", "--claim", "rate"], "--vary"),
        (["toy_survey:PAPER", "--claim", "x", "--vary", "link.strength=0:1"], "--claim 'x'"),
        (
            [
                "toy_survey:PAPER",
                "--claim",
                "rate",
                "--vary",
                "link.strength=0:1",
                "--definition",
                "y",
            ],
            "--definition 'y'",
        ),
        (["toy_survey:PAPER", "--claim", "rate", "--vary", "link.strength=0:101"], "0 to 100"),
    ],
)
def test_wrong_input_gives_one_line(arguments, words, tmp_path, capsys):
    assert run(["readings", *arguments, "--out", str(tmp_path), "--workers", "1"]) == 2
    text = capsys.readouterr().err
    assert words in text
    assert text.count("\n") == 1
