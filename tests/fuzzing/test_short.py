"""The short form of `make fuzz`, and a check that its oracle detects wrong values."""

import json

import pytest

from sagin.orbits import parse_elements

from fuzzing import oracle, runner, targets


def test_damaged_inputs_are_refused_in_one_line_or_read_as_they_are_written():
    tally = runner.run_fuzzing(1000)
    assert not tally.falls, "\n".join(
        f"{fall.target} {fall.number}: {fall.reason[:500]}" for fall in tally.falls[:5]
    )
    assert tally.slowest_s < runner.LONGEST_S
    for name, counter in tally.counts.items():
        assert counter["refused"] > 10, name
        assert counter["accepted"] > 0, name


def test_the_oracle_sees_what_is_not_in_the_file():
    text = targets.STARLINK
    elements = parse_elements(text)
    oracle.check_elements(elements, text.encode())
    for old, new in (("53.0543", "54.0543"), ("68944-3", "68944-2"), ("0001126", "0011126")):
        with pytest.raises(oracle.NonsenseError, match="not in the file"):
            oracle.check_elements(elements, text.replace(old, new).encode())
    scenario = targets.relaying.Scenario()
    with pytest.raises(oracle.NonsenseError, match="as"):
        oracle.check_scenario(scenario, json.loads('{"users": {"count": true}}'))
