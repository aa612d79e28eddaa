"""Evaluation of any method of the slicing system on common slots: one number per run and KPI."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.methods import Method, evaluate_slicing, find_method
from sagin.methods.indicators import Samples, average_slots, extract_values
from sagin.methods.play import Advance, Slots, make_run_keys, play_pieces, start_runs
from sagin.papers.slicing.methods import BOUND, CONSTANTS, SLOT_BY_SLOT
from sagin.planning.certificates.bounds import bound_metrics, bound_worth
from sagin.planning.goals import build_goal
from sagin.planning.planner import make_plans
from sagin.policies.constant import Constant, ConstantEffort, build_constant_policy
from sagin.policies.constants import find_constant
from sagin.policies.table import POLICIES
from sagin.slicing.policy import Policy, switch_policies
from sagin.slicing.scenario import Scenario, number_choices, resize_slices, slice_sizes
from sagin.slicing.state import Kpis, Outcome, State
from sagin.slicing.trace import Trace, make_trace

AIMS = {
    "H alone": (1.0, 0.0, 0.0),
    "L alone": (0.0, 1.0, 0.0),
    "C alone": (0.0, 0.0, 1.0),
}
"""Weights of the planner's terms, by the suffix of its name; otherwise equal weights."""


class Trial(NamedTuple):
    """Definition of an evaluation."""

    scenario: Scenario
    policy: str
    runs: int
    slots: int
    seed: int = 0
    counts: Sequence[int] | None = None
    """Users of H, L and C who take part, at most the scenario's; None for all."""
    effort: ConstantEffort = ConstantEffort()
    """Effort of the search for a constant."""
    method: Method | None = None
    """Method; None: the one named by `policy`."""

    def list_counts(self) -> tuple[int, int, int]:
        """Return the users of H, L and C who take part."""
        high, low, wide = slice_sizes(self.scenario) if self.counts is None else self.counts
        return high, low, wide

    def list_slots(self) -> Slots:
        """Return the slots of the evaluation."""
        keys = make_run_keys(self.seed, self.runs)
        return Slots(self.scenario, keys, self.list_counts(), self.slots)


def evaluate(
    trial: Trial,
    advance: Advance,
    share: Sequence[str] = (),
    watch: Callable[[Trace], Any] | None = None,
) -> Samples:
    """Return each KPI for each run: means over slots, and percentiles of the delay.

    Args:
        trial: method and slots.
        advance: called with the number of finished slots of all runs.
        share: policies that share a program with this one.
        watch: called with the first slots of the first run, at most CHUNK.
    """
    if trial.method is None and trial.policy.partition(",")[0] in SLOT_BY_SLOT:
        return _evaluate_slots(trial, advance)
    if trial.method is None and trial.policy in (*POLICIES, *CONSTANTS):
        return _evaluate_policy(trial, advance, share, watch)
    method = trial.method or find_method(trial.policy)
    if is_own_policy(method):
        return _evaluate_policy(trial, advance, share, watch)
    return evaluate_slicing(
        method,
        trial.scenario,
        slots=trial.slots,
        seeds=trial.runs,
        seed=trial.seed,
        counts=trial.list_counts(),
        advance=advance,
        watch=watch,
    )


def is_own_policy(method: Method) -> bool:
    """Return whether a method is one of sagin's policies, which share a program."""
    return method.policy is not None and method.policy is POLICIES.get(method.name)


class SharedPolicies(NamedTuple):
    """Policies that share one compiled program, by number; None: the constant of the choice."""

    policies: tuple[Policy | None, ...]

    def __call__(self, choice: tuple[Any, Constant]) -> Policy:
        """Return the policy of a number, which may be traced, with its constant."""
        number, constant = choice
        policies = [policy or build_constant_policy(constant) for policy in self.policies]
        return switch_policies(policies, number)


def _evaluate_policy(
    trial: Trial, advance: Advance, share: Sequence[str], watch: Callable[[Trace], Any] | None
) -> Samples:
    names = [*dict.fromkeys((*share, trial.policy))]
    build = SharedPolicies(tuple(POLICIES.get(name) for name in names))
    choice = np.asarray(names.index(trial.policy)), _find_constant(trial)
    meet = trial.list_slots()
    numbered = number_choices(meet.scenario, "balancing.rule", "uavs.placement", "game.collision")
    keep = _keep_kpis if watch is None else _keep_trace
    values = []
    for kpis, trace in play_pieces(meet._replace(scenario=numbered), build, choice, advance, keep):
        if watch is not None and not values:
            watch(jax.tree.map(lambda leaf: leaf[0], trace))
        values.append(extract_values(kpis, meet.scenario, meet.counts))
    return average_slots(values)


def _find_constant(trial: Trial) -> Constant:
    """Return the constant of a trial, or a blank one, padded to the scenario's slices."""
    rows, counts = max(slice_sizes(trial.scenario)), trial.list_counts()
    if trial.policy not in CONSTANTS:
        blank = np.zeros((len(counts), rows), np.int32)
        places = np.zeros((trial.scenario.uavs.count, 2), np.float32)
        return Constant(blank, blank, blank.astype(np.float32), places)
    sized = resize_slices(trial.scenario, counts)
    constant = find_constant(sized, trial.policy == CONSTANTS[1], trial.effort)
    padding = (0, 0), (0, rows - max(counts))
    # a node of −1 asks for nothing
    node = np.pad(np.asarray(constant.node), padding, constant_values=-1)
    subcarrier, power = (np.pad(np.asarray(part), padding) for part in constant[1:3])
    return Constant(node, subcarrier, power, np.asarray(constant.positions))


def _keep_kpis(_: Scenario, __: State, outcome: Outcome) -> tuple[Kpis, None]:
    return outcome.kpis, None


def _keep_trace(_: Scenario, state: State, outcome: Outcome) -> tuple[Kpis, Trace]:
    layers = (outcome.terrestrial, outcome.non_terrestrial)
    return outcome.kpis, make_trace(state, layers, outcome.uav_positions)


def _evaluate_slots(trial: Trial, advance: Advance) -> Samples:
    """Return the planner's results in the first slot of each run, or bounds of them.

    A name may have the suffix `free`, if the priority is not kept, and one of AIMS.
    """
    name, _, suffix = trial.policy.partition(",")
    options, _, aim = (part.strip() for part in suffix.partition(":"))
    meet = trial.list_slots()
    states = start_runs(meet.keys, meet.scenario, np.asarray(meet.counts))
    if name == BOUND:
        return _bound_slots(trial.scenario, states, options == "priority", advance)
    weights = AIMS.get(aim, (1.0, 1.0, 1.0))
    plans = make_plans(
        trial.scenario, states, build_goal(weights), respect_priority=options != "free"
    )
    advance(trial.runs)
    kpis = jax.tree.map(lambda values: np.asarray(values)[:, None], plans.kpis)
    return average_slots([extract_values(kpis, meet.scenario, meet.counts)])


def _bound_slots(
    scenario: Scenario, states: State, respect_priority: bool, advance: Advance
) -> Samples:
    rows = []
    for number in range(states.slot.shape[0]):
        state = jax.tree.map(lambda leaf, number=number: leaf[number], states)
        limits = bound_metrics(scenario, state, respect_priority=respect_priority)
        score = bound_worth(scenario, state, build_goal(), respect_priority=respect_priority)
        rows.append([limits.throughput, limits.delay, limits.coverage, score])
        advance(1)
    names = ("throughput", "delay", "coverage", "score")
    values = np.asarray(rows, dtype=np.float64)
    return {name: values[:, column] for column, name in enumerate(names)}


def evaluate_actors(run: Any, actors: tuple[Any, ...], trial: Trial) -> Samples:
    """Return the same for trained actors, without noise, on the slots of other methods.

    Args:
        run: the `TrainingRun`; learners are loaded only for it.
        trial: its policy and scenario are ignored; without counts, the game sets the users.
    """
    kpis = play_actors(run, actors, trial)[0]
    counts = slice_sizes(run.scenario) if trial.counts is None else trial.counts
    return average_slots([extract_values(kpis, run.scenario, counts)])


class _Acting(NamedTuple):
    actors: Any


def play_actors(run: Any, actors: tuple[Any, ...], trial: Trial) -> tuple[Kpis, Trace]:
    """Return indicators and traces of trained actors, runs and slots leading."""
    from sagin.training.run import compile_run, share_programs

    counts = None if trial.counts is None else np.asarray(trial.counts)
    game = dataclasses.replace(share_programs(run.task.game), counts=counts)
    learned = tuple(_Acting(networks) for networks in actors)
    keys = make_run_keys(trial.seed, trial.runs)
    return compile_run(run.task).judge(learned, keys, trial.slots, game)[1:]
