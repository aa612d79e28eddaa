"""Evaluation of any method of the slicing system on common slots: one number per run and KPI."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.methods import Method, evaluate_slicing, find_method
from sagin.methods.indicators import Samples, average_slots, extract_values
from sagin.methods.play import CHUNK, Advance, Slots, Switch, make_run_keys, play_pieces, start_runs
from sagin.papers.slicing.methods import BOUND, CONSTANTS, SLOT_BY_SLOT
from sagin.planning.certificates.bounds import bound_metrics, bound_worth
from sagin.planning.goals import build_goal
from sagin.planning.planner import make_plans
from sagin.policies.constant import ConstantEffort, build_constant_policy
from sagin.policies.constants import find_constant
from sagin.policies.table import POLICIES
from sagin.slicing.scenario import Scenario, resize_slices, slice_sizes
from sagin.slicing.state import Kpis, Outcome, State
from sagin.slicing.trace import Trace, make_trace

AIMS = {
    "H alone": (1.0, 0.0, 0.0),
    "L alone": (0.0, 1.0, 0.0),
    "C alone": (0.0, 0.0, 1.0),
}
"""Weights of the planner's terms, by what follows its name; else all weigh the same."""


class Trial(NamedTuple):
    """What is to be evaluated."""

    scenario: Scenario
    policy: str
    runs: int
    slots: int
    seed: int = 0
    counts: Sequence[int] | None = None
    """Users of H, L and C who take part, at most the scenario's; None for all."""
    effort: ConstantEffort = ConstantEffort()
    """How long a constant is searched."""
    method: Method | None = None
    """What decides; None: what is called `policy`."""

    def list_counts(self) -> tuple[int, int, int]:
        """Return the users of H, L and C who take part."""
        high, low, wide = slice_sizes(self.scenario) if self.counts is None else self.counts
        return high, low, wide

    def list_slots(self) -> Slots:
        """Return the slots that it is about."""
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
        advance: is told the slots done, of all runs.
        share: policies that share a program with this one.
        watch: is given the first slots of the first run, at most CHUNK.
    """
    if trial.method is None and trial.policy.partition(",")[0] in SLOT_BY_SLOT:
        return _evaluate_slots(trial, advance)
    if trial.method is None and trial.policy in (*POLICIES, *CONSTANTS):
        return _evaluate_policy(trial, advance, share, watch)
    method = trial.method or find_method(trial.policy)
    if is_own_policy(method):
        return _evaluate_policy(trial, advance, share, watch)
    amounts: dict[str, Any] = {
        "slots": trial.slots,
        "seeds": trial.runs,
        "seed": trial.seed,
    }
    counts = trial.list_counts()
    samples = evaluate_slicing(method, trial.scenario, counts=counts, advance=advance, **amounts)
    if watch is not None and method.policy is not None:
        meet = trial._replace(runs=1, slots=min(CHUNK, trial.slots)).list_slots()
        build = Switch((method.policy,))
        ((_, trace),) = play_pieces(meet, build, 0, lambda _: None, _keep_trace)
        watch(jax.tree.map(lambda leaf: leaf[0], trace))
    return samples


def is_own_policy(method: Method) -> bool:
    """Return whether a method is one of sagin's policies, which share a program."""
    return method.policy is not None and method.policy is POLICIES.get(method.name)


def _evaluate_policy(
    trial: Trial, advance: Advance, share: Sequence[str], watch: Callable[[Trace], Any] | None
) -> Samples:
    if trial.policy in CONSTANTS:
        sized = resize_slices(trial.scenario, trial.list_counts())
        respect = trial.policy == CONSTANTS[1]
        build, choice = build_constant_policy, find_constant(sized, respect, trial.effort)
    else:
        names = [*dict.fromkeys((*share, trial.policy))]
        build = Switch(tuple(POLICIES[name] for name in names))
        choice = np.asarray(names.index(trial.policy))
    meet = trial.list_slots()
    keep = _keep_kpis if watch is None else _keep_trace
    values = []
    for kpis, trace in play_pieces(meet, build, choice, advance, keep):
        if watch is not None and not values:
            watch(jax.tree.map(lambda leaf: leaf[0], trace))
        values.append(extract_values(kpis, meet.scenario, meet.counts))
    return average_slots(values)


def _keep_kpis(_: Scenario, __: State, outcome: Outcome) -> tuple[Kpis, None]:
    return outcome.kpis, None


def _keep_trace(_: Scenario, state: State, outcome: Outcome) -> tuple[Kpis, Trace]:
    layers = (outcome.terrestrial, outcome.non_terrestrial)
    return outcome.kpis, make_trace(state, layers, outcome.uav_positions)


def _evaluate_slots(trial: Trial, advance: Advance) -> Samples:
    """Return what the planner reaches in the first slot of each run, or what nothing can pass.

    A name may go on with `free`, where the priority is not kept, and with one of AIMS.
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


class _Acting(NamedTuple):
    actors: Any


def evaluate_actors(run: Any, actors: tuple[Any, ...], trial: Trial) -> Samples:
    """Return the same for trained actors, without noise, on the slots of other methods.

    run: the `TrainingRun`; learners are loaded only for it.
    trial: its policy and scenario do not count; without counts, users are as the game has them.
    """
    users = None if trial.counts is None else np.asarray(trial.counts)
    keys = make_run_keys(trial.seed, trial.runs)
    kpis = _play_actors(actors, keys, users, run=run.task, slots=trial.slots)
    counts = slice_sizes(run.scenario) if trial.counts is None else trial.counts
    return average_slots([extract_values(jax.tree.map(np.asarray, kpis), run.scenario, counts)])


@functools.partial(jax.jit, static_argnames=("run", "slots"))
def _play_actors(
    actors: tuple[Any, ...],
    keys: jax.Array,
    counts: jax.Array | None,
    *,
    run: Any,
    slots: int,
) -> Kpis:
    from sagin.learning.programs import compile_programs

    game: Any = run.game
    judge = compile_programs(run._replace(game=dataclasses.replace(game, counts=counts)))[2]
    return judge(tuple(_Acting(actor) for actor in actors), keys, slots)[1]


def trace_actors(run: Any, actors: tuple[Any, ...], trial: Trial, number: int) -> Trace:
    """Return the slots of run `number` of a trial under trained actors, without noise."""
    users = None if trial.counts is None else np.asarray(trial.counts)
    key = make_run_keys(trial.seed, number + 1)[number]
    trace = _watch_actors(actors, key, users, run=run.task, slots=trial.slots)
    return jax.tree.map(np.asarray, trace)


@functools.partial(jax.jit, static_argnames=("run", "slots"))
def _watch_actors(
    actors: tuple[Any, ...],
    key: jax.Array,
    counts: jax.Array | None,
    *,
    run: Any,
    slots: int,
) -> Trace:
    from sagin.learning.evaluation import play_slots
    from sagin.learning.learners import LEARNERS
    from sagin.learning.models import make_arena

    game: Any = run.game
    game = dataclasses.replace(game, counts=counts)
    choose = LEARNERS[run.learner].act(game, run.settings, actors)

    def keep(turn: Any, _: Any) -> Trace:
        return make_trace(turn.state, turn.layers, turn.positions)

    return play_slots(key, make_arena(game, run.settings), choose, slots, keep)
