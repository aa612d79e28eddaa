"""Evaluation of any method of the slicing system on common slots: one number per run and KPI."""

import dataclasses
import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import numpy as np

from sagin.learning.evaluation import play_slots
from sagin.learning.learners import LEARNERS, LearningTask
from sagin.learning.models import make_arena
from sagin.learning.programs import compile_programs
from sagin.methods import Method, evaluate_slicing, find_method
from sagin.methods.indicators import Samples, average_slots, extract_values
from sagin.methods.play import CHUNK, Advance, make_run_keys, start_runs
from sagin.papers.slicing.methods import BOUND, CONSTANTS, SLOT_BY_SLOT
from sagin.papers.slicing.trace import Trace, make_trace
from sagin.planning.certificates.bounds import bound_metrics, bound_worth
from sagin.planning.goals import build_goal
from sagin.planning.planner import make_plans
from sagin.policies.constant import (
    Constant,
    ConstantEffort,
    build_constant_policy,
    search_constant,
)
from sagin.policies.table import POLICIES
from sagin.slicing.evaluation import Keep, keep_kpis, play
from sagin.slicing.policy import Policy, switch_policies
from sagin.slicing.scenario import Scenario, resize_slices, slice_sizes
from sagin.slicing.state import Kpis, Outcome, State
from sagin.training.run import TrainingRun

AIMS = {
    "H alone": (1.0, 0.0, 0.0),
    "L alone": (0.0, 1.0, 0.0),
    "C alone": (0.0, 0.0, 1.0),
}
"""Weights of the planner's terms, by what follows its name; else all weigh the same."""

SEARCH_SEED = 0
"""Seed of the search of a constant; its slots have a seed of their own."""


class Job(NamedTuple):
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


def evaluate(
    job: Job,
    advance: Advance,
    share: Sequence[str] = (),
    watch: Callable[[Trace], Any] | None = None,
) -> Samples:
    """Return each KPI for each run: means over slots, and percentiles of the delay.

    Args:
        job: method and slots.
        advance: is told the slots done, of all runs.
        share: policies that share a program with this one.
        watch: is given the first slots of the first run, at most CHUNK.
    """
    if job.method is None and job.policy.partition(",")[0] in SLOT_BY_SLOT:
        return _evaluate_slots(job, advance)
    if job.method is None and job.policy in (*POLICIES, *CONSTANTS):
        return _evaluate_policy(job, advance, tuple(share) or (job.policy,), watch)
    method = job.method or find_method(job.policy)
    if is_own_policy(method):
        return _evaluate_policy(job, advance, tuple(share) or (job.policy,), watch)
    amounts = {"slots": job.slots, "seeds": job.runs, "seed": job.seed, "counts": job.counts}
    samples = evaluate_slicing(method, job.scenario, **amounts, advance=advance)
    if watch is not None and method.policy is not None:
        watch(_trace_policy(job, method.policy))
    return samples


def is_own_policy(method: Method) -> bool:
    """Return whether a method is one of sagin's policies, which share a program."""
    return method.policy is not None and method.policy is POLICIES.get(method.name)


def _trace_policy(job: Job, policy: Policy) -> Trace:
    """Return the first slots of the first run under a policy, at most CHUNK."""
    counts = slice_sizes(job.scenario) if job.counts is None else tuple(job.counts)
    keys = make_run_keys(job.seed, 1)
    states = start_runs(keys, job.scenario, np.asarray(counts))
    options = {"among": (policy,), "slots": min(CHUNK, job.slots), "keep": _keep_trace}
    trace = _play(keys, job.scenario, states, np.asarray(0), **options)[1][1]
    return jax.tree.map(lambda values: np.asarray(values[0]), trace)


def _evaluate_policy(
    job: Job, advance: Advance, share: tuple[str, ...], watch: Callable[[Trace], Any] | None
) -> Samples:
    counts = slice_sizes(job.scenario) if job.counts is None else tuple(job.counts)
    keys = make_run_keys(job.seed, job.runs)
    states = start_runs(keys, job.scenario, np.asarray(counts))
    among, choice = share if job.policy in share else (*share, job.policy), None
    if job.policy in CONSTANTS:
        among, choice = (), find_constant(job)
    options = {
        "among": tuple(POLICIES[name] for name in among),
        "slots": min(CHUNK, job.slots),
        "keep": keep_kpis if watch is None else _keep_trace,
    }
    pieces = []
    for first in range(0, job.slots, CHUNK):
        # the last piece is filled up, so that all pieces share one program
        policy = np.asarray(among.index(job.policy)) if choice is None else choice
        states, kpis = _play(keys, job.scenario, states, policy, **options)
        if watch is not None:
            kpis, trace = kpis
            if first == 0:
                watch(jax.tree.map(lambda values: np.asarray(values[0]), trace))
        count = min(CHUNK, job.slots - first)
        cut = jax.tree.map(lambda values, count=count: np.asarray(values)[:, :count], kpis)
        pieces.append(extract_values(cut, job.scenario, counts))
        advance(count * job.runs)
    return average_slots(pieces)


def find_constant(job: Job) -> Constant:
    """Return the best action that reads nothing, searched on slots of its own for the users who
    take part; with "priority" in its name it respects the quotas.
    """
    counts = slice_sizes(job.scenario) if job.counts is None else job.counts
    return search_constant(
        jax.random.key(SEARCH_SEED),
        resize_slices(job.scenario, counts),
        respect_priority=job.policy == CONSTANTS[1],
        effort=job.effort,
    )[0]


def _keep_trace(state: State, outcome: Outcome) -> tuple[Kpis, Trace]:
    layers = (outcome.terrestrial, outcome.non_terrestrial)
    return outcome.kpis, make_trace(state, layers, outcome.uav_positions)


@functools.partial(jax.jit, static_argnames=("among", "slots", "keep"))
def _play(
    keys: jax.Array,
    scenario: Scenario,
    states: State,
    policy: Any,
    *,
    among: tuple[Policy, ...],
    slots: int,
    keep: Keep,
) -> tuple[State, Any]:
    """Play on; policy: an index of `among`, or a constant where that is empty."""
    row = switch_policies(among, policy) if among else build_constant_policy(policy)
    return jax.vmap(lambda key, state: play(key, scenario, row, state, slots, keep))(keys, states)


def _evaluate_slots(job: Job, advance: Advance) -> Samples:
    """Return what the planner reaches in the first slot of each run, or what nothing can pass.

    A name may go on with `free`, where the priority is not kept, and with one of AIMS.
    """
    name, _, rest = job.policy.partition(",")
    options, _, aim = (part.strip() for part in rest.partition(":"))
    counts = slice_sizes(job.scenario) if job.counts is None else job.counts
    keys = make_run_keys(job.seed, job.runs)
    states = start_runs(keys, job.scenario, np.asarray(counts))
    if name == BOUND:
        return _bound_slots(job.scenario, states, options == "priority", advance)
    weights = AIMS.get(aim, (1.0, 1.0, 1.0))
    plans = make_plans(
        job.scenario, states, build_goal(weights), respect_priority=options != "free"
    )
    advance(job.runs)
    kpis = jax.tree.map(lambda values: np.asarray(values)[:, None], plans.kpis)
    return average_slots([extract_values(kpis, job.scenario, counts)])


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


def evaluate_actors(run: TrainingRun, actors: tuple[Any, ...], job: Job) -> Samples:
    """Return the same for trained actors, without noise, on the slots of other methods.

    job: its policy and scenario do not count; without counts, users are as the game has them.
    """
    asked = None if job.counts is None else np.asarray(job.counts)
    keys = make_run_keys(job.seed, job.runs)
    kpis = _play_actors(actors, keys, asked, run=run.task, slots=job.slots)
    counts = slice_sizes(run.scenario) if job.counts is None else job.counts
    return average_slots([extract_values(jax.tree.map(np.asarray, kpis), run.scenario, counts)])


@functools.partial(jax.jit, static_argnames=("run", "slots"))
def _play_actors(
    actors: tuple[Any, ...],
    keys: jax.Array,
    counts: jax.Array | None,
    *,
    run: LearningTask,
    slots: int,
) -> Kpis:
    game: Any = run.game
    judge = compile_programs(run._replace(game=dataclasses.replace(game, counts=counts)))[2]
    return judge(tuple(_Acting(one) for one in actors), keys, slots)[1]


def trace_actors(run: TrainingRun, actors: tuple[Any, ...], job: Job, number: int) -> Trace:
    """Return the slots of run `number` of a job under trained actors, without noise."""
    asked = None if job.counts is None else np.asarray(job.counts)
    key = make_run_keys(job.seed, number + 1)[number]
    trace = _watch_actors(actors, key, asked, run=run.task, slots=job.slots)
    return jax.tree.map(np.asarray, trace)


@functools.partial(jax.jit, static_argnames=("run", "slots"))
def _watch_actors(
    actors: tuple[Any, ...],
    key: jax.Array,
    counts: jax.Array | None,
    *,
    run: LearningTask,
    slots: int,
) -> Trace:
    game: Any = run.game
    game = dataclasses.replace(game, counts=counts)
    choose = LEARNERS[run.learner].act(game, run.settings, actors)

    def keep(turn: Any, _: Any) -> Trace:
        return make_trace(turn.state, turn.layers, turn.positions)

    return play_slots(key, make_arena(game, run.settings), choose, slots, keep)
