"""What the slicing paper leaves open, one choice at a time: which of its claims turn with it,
learned and by a rule that learns nothing.
"""

import dataclasses
from typing import NamedTuple

from sagin.experiments import learned_study
from sagin.experiments.learned import (
    AMOUNTS,
    FASTER,
    FIXED,
    METHODS,
    NONE,
    PROPOSED,
    SHARED,
    SIZES,
    UNIFORM,
    Amount,
    cells,
)
from sagin.experiments.learned_claims import (
    FAMILIES,
    Claim,
    Found,
    direction,
    gains,
    judged,
    level,
    told,
)
from sagin.experiments.slicing import Profile
from sagin.experiments.slicing_study import reference, samples_of
from sagin.experiments.store import Store, Task
from sagin.parameters import vary_fields
from sagin.slicing.scenario import Scenario, check_scenario
from sagin.studies.statistics import sample_interval

POLICY = "greedy"
"""The policy that needs no learning."""


class Choice(NamedTuple):
    """A reading of what the paper leaves open."""

    name: str
    overrides: tuple[str, ...] = ()


CHOICES = (
    Choice("as in the figures"),
    Choice("no interference", ("radio.interference=none",)),
    Choice("rewards over all users", ("objectives.reward=all-users",)),
    Choice("reward's reference 200 Mbit/s", ("objectives.throughput_reference_mbps=200",)),
    Choice("γ_th = 10 dB", ("objectives.coverage_threshold_db=10",)),
    Choice("C_th = 5", ("base_stations.capacity=5",)),
    Choice("C_th = 15", ("base_stations.capacity=15",)),
)
"""Each against the first; the collision rule, which only one layer knows, is a row of the figures'
own claims.
"""
COLUMNS = ("claim", "policy", *(choice.name for choice in CHOICES))
STANDING = (PROPOSED, UNIFORM, NONE, FIXED)
"""Methods that are compared: without those of one layer."""
AMOUNT = Amount(3_000, 3, 20, 10, SHARED, FASTER, methods=STANDING, alone=False, layouts=4)
"""How much is trained for each choice: enough for an orientation."""


def amount_of(profile: Profile) -> Amount:
    """Return how much is trained for each choice under a profile."""
    return (
        dataclasses.replace(AMOUNTS["quick"], methods=STANDING)
        if profile.learned == "quick"
        else AMOUNT
    )


def tasks(scenario: Scenario, profile: Profile) -> list[Task]:
    """Return the tasks of all choices, one after the other: each method's seeds together, which
    share a program.
    """
    amount = amount_of(profile)
    chosen = [vary_fields(scenario, choice.overrides, check_scenario) for choice in CHOICES]
    ruled = [
        _by_rule(each, name, size, amount) for each in chosen for name in STANDING for size in SIZES
    ]
    of_choice = [(each, METHODS[name]) for each in chosen for name in STANDING]
    trained = [
        one
        for each, method in of_choice
        for number in range(amount.seeds)
        for one in cells(method, each, amount, number)
    ]
    return [*ruled, *trained]


def _by_rule(scenario: Scenario, method: str, size: int, amount: Amount) -> Task:
    """Return the task of the policy that needs no learning in a method's scenario."""
    return reference(
        vary_fields(scenario, METHODS[method].overrides, check_scenario), POLICY, size, amount
    )


def rows(store: Store, scenario: Scenario, profile: Profile) -> list[tuple[str, ...]]:
    """Return what each claim comes to under each choice, by kind of policy, in the order of
    COLUMNS; empty before a second choice.
    """
    amount, by_choice = amount_of(profile), []
    for choice in CHOICES:
        each = vary_fields(scenario, choice.overrides, check_scenario)
        trained = learned_study.by_metric(learned_study.found(store, each, amount))
        by_choice.append(
            {
                f"learned, {amount.seeds} seeds": trained,
                f"{POLICY}, {amount.runs} runs": _ruled(store, each, amount),
            }
        )
    claims = [claim for family in FAMILIES.values() for claim in family]
    table = [
        (f"{_text(claim)}", kind, *(cell(found[kind], claim) for found in by_choice))
        for claim in claims
        for kind in by_choice[0]
    ]
    known = [row for row in table if any(row[2:])]
    return known if any(text for row in known for text in row[3:]) else []


def _ruled(store: Store, scenario: Scenario, amount: Amount) -> Found:
    """Return the numbers of the policy that needs no learning, a run in place of a seed."""
    found: dict[str, dict[str, dict[int, list[float]]]] = {}
    for name in STANDING:
        stored = {size: store.find(_by_rule(scenario, name, size, amount)) for size in SIZES}
        samples = {size: samples_of(cell) for size, cell in stored.items() if cell is not None}
        if len(samples) == len(SIZES):
            found[name] = {
                metric: {size: one[metric] for size, one in samples.items()}
                for metric, *_ in learned_study.MEASURES
            }
    return found


def _text(claim: Claim) -> str:
    rival = f" against {claim.rival}" if claim.rival else ""
    named = "" if claim.beside else f", {claim.method}{rival}"
    return f"{claim.text}{named} ({claim.source})"


def cell(found: Found, claim: Claim) -> str:
    """Return what a claim comes to: whether the 95 % interval of the gain (Student's t) lies on its
    side, and the gain; empty if unknown.

    Nothing is corrected for the number of claims and choices: a cell is an orientation, not a test.
    """
    if not judged(found, claim):
        return ""
    each = gains(found, claim).tolist()
    if len(each) < 2:
        return ""
    gain = sample_interval(each)
    if claim.kind == "level":
        return f"{level(gain)[0]}: {told(gain)}"
    low, high = (gain.low, gain.high) if direction(claim) > 0 else (-gain.high, -gain.low)
    verdict = "holds" if low > 0 else "does not hold" if high < 0 else "undecided"
    return f"{verdict}: {told(gain)}"
