"""The slicing study: its cells in the store, the figures' lines and the verdicts on its claims."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np

from sagin.experiments import learned, learned_rewards, learned_study
from sagin.experiments.learned import Amount
from sagin.experiments.slicing import CLAIMS, FIGURES, RULES, TOTALS, Excess, Profile
from sagin.experiments.slicing_run import (
    Advance,
    Job,
    Samples,
    keys_of,
    nodes,
    row,
    ruled,
    simulate,
    states_of,
)
from sagin.experiments.store import Store, Task, asked, digest
from sagin.experiments.study import BOUND, Figure, Series, Verdict
from sagin.parameters import read, to_mapping, vary_fields
from sagin.planning.certificates.bounds import bound_metrics
from sagin.planning.planner import make_plans
from sagin.policies.table import POLICIES
from sagin.slicing.scenario import Scenario, check_scenario, resize_slices, slice_sizes
from sagin.slicing.state import State
from sagin.studies.judge import SIZE_TOLERANCE
from sagin.studies.statistics import Interval, sample_interval

TRAINED = {learned.STUDY: learned.make, learned_rewards.STUDY: learned_rewards.make}
"""What makes the tasks that train, by their study."""


def planned(scenario: Scenario, states: State, advance: Advance) -> Samples:
    """Return what the planner, keeping the priority, reaches in each slot, by KPI."""
    found = make_plans(scenario, states).kpis
    advance(states.slot.shape[0])
    return {
        name: np.asarray(getattr(found, name), float).tolist()
        for name, *_ in learned_study.MEASURES
    }


def bounded(scenario: Scenario, states: State, advance: Advance) -> Samples:
    """Return what no method can pass in each slot, whether it keeps the priority or not, by KPI."""
    found = []
    for number in range(states.slot.shape[0]):
        found.append(
            bound_metrics(scenario, jax.tree.map(lambda leaf, number=number: leaf[number], states))
        )
        advance(1)
    return {name: [getattr(one, name) for one in found] for name, *_ in learned_study.MEASURES}


PLANNER = "planner"
"""What plans each slot, which no policy of slots in a row does."""
SLOT_BY_SLOT = {PLANNER: planned, BOUND: bounded}
"""What is made of the first slot of each run alone, and by whom."""
BOUNDED = 10
"""Runs of which the bound is found, at most: it takes seconds a slot."""


def task(
    scenario: Scenario,
    policy: str,
    counts: Sequence[int],
    profile: Profile,
    most: int = int(TOTALS[-1]) // 3,
) -> Task:
    """Return what a cell has to do; slices are padded to the greatest number of any cell, so that
    cells share a program and their draws.
    """
    padded = resize_slices(scenario, [max(most, size) for size in slice_sizes(scenario)])
    much = {"slots": profile.slots, "seeds": profile.seeds, "seed": profile.seed}
    return asked("slicing", scenario=to_mapping(padded), policy=policy, counts=list(counts), **much)


def point(figure: Figure, total: float, policy: str, scenario: Scenario, profile: Profile) -> Task:
    """Return the task of a point of a figure: the same number of users in each slice."""
    return task(
        vary_fields(scenario, figure.overrides, check_scenario),
        policy,
        [int(total) // 3] * 3,
        profile,
    )


def compared(scenario: Scenario, profile: Profile) -> list[Task]:
    """Return the tasks that compare every policy under every rule, with the scenario's own users."""
    return [
        task(ruled(scenario, rule), policy, slice_sizes(scenario), profile)
        for rule in RULES
        for policy in POLICIES
    ]


def tasks(figures: Sequence[Figure], scenario: Scenario, profile: Profile) -> list[Task]:
    """Return the tasks that the figures need, each once, and with all figures also the
    comparison's.
    """
    loads = [figure for figure in figures if of_loads(figure)]
    found = [
        point(figure, total, policy, scenario, profile)
        for figure in loads
        for policy in POLICIES
        for total in figure.values
    ]
    if len(loads) == len(FIGURES):
        found += compared(scenario, profile)
    found = [one for place, one in enumerate(found) if one not in found[:place]]
    return found + (
        learned_tasks(figures, scenario, learned.AMOUNTS[profile.learned])
        if profile.learned
        else []
    )


def learned_tasks(figures: Sequence[Figure], scenario: Scenario, amount: Amount) -> list[Task]:
    """Return the tasks of the figures that show learning or what was learned, and of what they are
    held against.
    """
    users = [figure for figure in figures if held_against(figure)]
    rivals = (
        [
            reference(scenario, name, size, amount)
            for name in beside(scenario, amount)
            for size in learned.SIZES
        ]
        if users
        else []
    )
    rewards = learned_rewards.cells(scenario, amount) if learned_rewards.FIGURE in figures else []
    return [*rivals, *learned_study.tasks(figures, scenario, amount), *rewards]


def held_against(figure: Figure) -> bool:
    """Return whether a figure also has the lines of policies that need no learning."""
    return figure.name in learned_study.METHODS_OF and figure.sweep == "users"


def beside(scenario: Scenario, amount: Amount) -> list[str]:
    """Return what needs no learning and is drawn beside: planner and bound only where they count
    the interference that there is.
    """
    return [
        name
        for name in amount.beside
        if name not in SLOT_BY_SLOT or scenario.radio.interference == "same-type"
    ]


def reference(scenario: Scenario, policy: str, size: int, amount: Amount) -> Task:
    """Return the task of a policy that needs no learning, on the slots of the learned ones' tests;
    of planner and bound on the first.
    """
    slots = 1 if policy in SLOT_BY_SLOT else amount.slots
    runs = min(amount.runs, BOUNDED) if policy == BOUND else amount.runs
    return task(scenario, policy, [size] * 3, Profile(slots, runs), learned.SIZES[-1])


def references(store: Store, figure: Figure, scenario: Scenario, amount: Amount) -> list[Series]:
    """Return the lines that a figure of learned methods has beside them: policies that need no
    learning, the planner, the bound.
    """
    made = []
    for policy in beside(scenario, amount):
        if there := reference_samples(store, policy, scenario, amount):
            y = tuple(
                sample_interval([figure.scale * value for value in found[figure.metric]])
                for found in there.values()
            )
            made.append(Series(policy, tuple(map(float, there)), y))
    return made


def reference_samples(
    store: Store, policy: str, scenario: Scenario, amount: Amount
) -> dict[int, Samples]:
    """Return the stored samples of what needs no learning, by K_s."""
    cells = (
        (size, store.find(reference(scenario, policy, size, amount))) for size in learned.SIZES
    )
    return {size: samples_of(cell) for size, cell in cells if cell is not None}


def summaries(store: Store, scenario: Scenario, amount: Amount) -> list[tuple[str, ...]]:
    """Return each method over all K_s, learned ones and what stands beside, in the order of
    `learned_study.SUMMARY`.
    """
    found: dict[str, Any] = learned_study.by_metric(learned_study.found(store, scenario, amount))
    for policy in beside(scenario, amount) if found else []:
        there = reference_samples(store, policy, scenario, amount)
        if len(there) == len(learned.SIZES):
            found[policy] = {
                metric: {size: one[metric] for size, one in there.items()}
                for metric, *_ in learned_study.MEASURES
            }
    return [learned_study.summary(name, values) for name, values in found.items()]


def of_loads(figure: Figure) -> bool:
    """Return whether a figure shows loads under policies that need no learning."""
    return figure.name in [one.name for one in FIGURES]


def fits(figure: Figure, profile: Profile) -> bool:
    """Return whether a profile has what a figure needs: all methods that it is about."""
    if not profile.learned:
        return of_loads(figure)
    amount = learned.AMOUNTS[profile.learned]
    return (amount.alone or figure.sweep != "alone") and set(
        learned_study.METHODS_OF.get(figure.name, ())
    ) <= set(amount.methods)


def work(one: Task) -> int:
    """Return the slots of a task, of all seeds; of a learned method those that it is trained for."""
    return learned.work(one) if one["study"] in TRAINED else one["slots"] * one["seeds"]


def program(one: Task) -> str:
    """Return what the tasks have in common that share compiled programs: all but counts and seeds."""
    return digest(
        one["plan"]
        if one["study"] in TRAINED
        else [SLOT_BY_SLOT.get(one["policy"]) and one["policy"], one["scenario"], one["slots"]]
    )


def make(one: Task, advance: Advance, folder: Path) -> dict[str, Any]:
    """Return the result of a task; `advance` is told the slots done, of all seeds."""
    if one["study"] in TRAINED:
        return TRAINED[one["study"]](one, advance, folder)
    profile, scenario = (
        Profile(one["slots"], one["seeds"], one["seed"]),
        read(Scenario, one["scenario"]),
    )
    if one["policy"] in SLOT_BY_SLOT:
        states = states_of(
            keys_of(profile.seed, profile.seeds), scenario, np.asarray(one["counts"])
        )
        return {"samples": stored(SLOT_BY_SLOT[one["policy"]](scenario, states, advance))}
    return {
        "samples": stored(
            simulate(Job(scenario, one["policy"], profile, one["counts"]), advance, tuple(POLICIES))
        )
    }


def stored(samples: Samples) -> dict[str, list[float | None]]:
    """Return samples as JSON holds them: the digits that 32-bit floats have, and numbers that can't
    be as null.
    """
    return {
        name: [float(f"{value:.7g}") if np.isfinite(value) else None for value in values]
        for name, values in samples.items()
    }


def samples_of(cell: dict[str, Any]) -> Samples:
    """Return a stored cell's samples, null as NaN."""
    return {
        name: [float("nan") if value is None else value for value in values]
        for name, values in cell["samples"].items()
    }


def comparison(store: Store, scenario: Scenario, profile: Profile) -> list[dict[str, Any]]:
    """Return the stored runs of the comparison, as `row` gives them."""
    found = ((one, store.find(one)) for one in compared(scenario, profile))
    return [
        row(read(Scenario, one["scenario"]), one["policy"], samples_of(cell))
        for one, cell in found
        if cell is not None
    ]


def sweep(
    store: Store, figure: Figure, policy: str, scenario: Scenario, profile: Profile
) -> list[tuple[float, Samples]]:
    """Return the stored (users, samples) of one policy in a figure; cells that aren't there are
    left out.
    """
    found = (
        (total, store.find(point(figure, total, policy, scenario, profile)))
        for total in figure.values
    )
    return [(total, samples_of(cell)) for total, cell in found if cell is not None]


LEARNED_LOADS = {"figure-8": learned.NONE, "figure-9": learned.PROPOSED}
"""The learned method of each figure of loads."""


def learned_sweep(
    store: Store, figure: Figure, scenario: Scenario, profile: Profile
) -> list[tuple[float, Samples]]:
    """Return (users, loads of each node by seed) of the learned method of a figure of loads; none
    where none is stored.
    """
    if not profile.learned:
        return []
    runs = learned_study.found(store, scenario, learned.AMOUNTS[profile.learned]).get(
        LEARNED_LOADS[figure.name], []
    )
    seeds = [learned_study.kpis(seed) for seed in runs]
    of_size = (
        (
            (size, [seed[learned.named((size, size, size))] for seed in seeds])
            for size in learned.SIZES
        )
        if seeds
        else ()
    )
    return [
        (3.0 * size, {name: [one[name] for one in found] for name in nodes(scenario)})
        for size, found in of_size
    ]


def sweeps(
    store: Store, figure: Figure, scenario: Scenario, profile: Profile
) -> dict[str, list[tuple[float, Samples]]]:
    """Return the stored (users, samples) of each policy of a figure of loads that has any, the
    learned one last.
    """
    found = {policy: sweep(store, figure, policy, scenario, profile) for policy in POLICIES}
    found[f"{LEARNED_LOADS[figure.name]}, learned"] = learned_sweep(
        store, figure, scenario, profile
    )
    return {name: points for name, points in found.items() if points}


def panels(
    store: Store, figure: Figure, scenario: Scenario, profile: Profile
) -> dict[str, list[Series]]:
    """Return a figure's lines, one a node, by policy, with 95 % intervals over seeds."""
    found = sweeps(store, figure, scenario, profile)
    return {
        policy: [_line(name, points) for name in nodes(scenario)]
        for policy, points in found.items()
    }


def _line(name: str, points: Sequence[tuple[float, Samples]]) -> Series:
    return Series(
        name,
        tuple(total for total, _ in points),
        tuple(sample_interval(samples[name]) for _, samples in points),
    )


def brief(row: tuple[str, ...]) -> tuple[str, ...]:
    """Return a learned method's verdict in the columns of CLAIM_COLUMNS."""
    claim, method, rival, ours, chance, _, corrected, verdict, why = row
    of = f"{method} against {rival}" if rival else method
    more = [f"P(better) {chance}" if chance else "", f"p = {corrected} (Holm)" if corrected else ""]
    return (claim, of, "", ours, verdict, "; ".join(part for part in (why, *more) if part))


CLAIM_COLUMNS = ("claim", "policy", "printed", "ours", "verdict", "why")


def judgements(
    store: Store, figures: Sequence[Figure], scenario: Scenario, profile: Profile
) -> list[tuple[str, ...]]:
    """Return a verdict on every claim that the given figures decide, for each policy, in the order
    of CLAIM_COLUMNS.
    """
    known = {figure.name: figure for figure in figures}
    rows = []
    for claim in CLAIMS:
        if claim.figure not in known or claim.node not in nodes(scenario):
            continue
        found = sweeps(store, known[claim.figure], scenario, profile)
        rows += [
            judge(claim, policy, points, scenario.base_stations.capacity)
            for policy, points in found.items()
        ]
    return rows


def judge(
    claim: Excess, policy: str, points: Sequence[tuple[float, Samples]], limit: float
) -> tuple[str, ...]:
    """Return the verdict on a load's excess over a limit: where its mean passes it, with the
    interval in which its bounds do.

    The bounds have the confidence 1 − 0.05/points at each point (Bonferroni), so that they hold at
    all points together with 95 %.
    """
    totals = [total for total, _ in points]
    bounds = [sample_interval(samples[claim.node], 1 - 0.05 / len(points)) for _, samples in points]
    passes = Interval(
        *(
            crossing(totals, [getattr(one, part) for one in bounds], limit)
            for part in ("estimate", "high", "low")
        )
    )
    verdict, reason = _verdict(claim, passes, (totals[-1], bounds[-1]), limit)
    ours = (
        f"from {passes.estimate:.1f} users on ({passes.low:.1f} to {passes.high:.1f})"
        if np.isfinite(passes.estimate)
        else "never"
    )
    return (
        f"{claim.text} ({claim.source})",
        policy,
        f"from about {claim.printed:g} users on",
        ours,
        verdict,
        reason,
    )


def crossing(x: Sequence[float], y: Sequence[float], limit: float) -> float:
    """Return the least x from which on y stays above the limit, between points along a straight
    line; infinite if there is none.

    >>> crossing([10.0, 20.0, 30.0], [5.0, 9.0, 11.0], 10.0)
    25.0
    """
    above = [value > limit for value in y]
    if not above[-1]:
        return float("inf")
    first = next((place + 1 for place in reversed(range(len(y))) if not above[place]), 0)
    if first == 0:
        return x[0]
    share = (limit - y[first - 1]) / (y[first] - y[first - 1])
    return x[first - 1] + share * (x[first] - x[first - 1])


def _verdict(
    claim: Excess, passes: Interval, end: tuple[float, Interval], limit: float
) -> tuple[Verdict, str]:
    total, last = end
    if not np.isfinite(passes.estimate):
        most = (
            f"mean load {last.estimate:.1f} ({last.low:.1f} to {last.high:.1f}) at {total:g} users"
        )
        return ("undecided" if last.high > limit else "does not hold"), most
    near = abs(passes.estimate - claim.printed) <= SIZE_TOLERANCE * claim.printed
    load = f"mean load {last.estimate:.1f} at {total:g} users"
    if near:
        return "holds", f"within a fifth of the printed number; {load}"
    return (
        "holds in part",
        f"it does, but from {'fewer' if passes.estimate < claim.printed else 'more'} users on; {load}",
    )
