"""Tasks of the slicing paper, for each figure."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from sagin.errors import InputError
from sagin.files import compute_digest
from sagin.learning.settings import make_settings
from sagin.methods import Method, find_methods
from sagin.methods.method import OWN
from sagin.papers.slicing.figures import ALONE, CURVES, LOADS, SIZES, STANDARD_SIZE, TOTALS
from sagin.papers.slicing.methods import (
    BOUND,
    CONSTANTS,
    LEARNED,
    PROPOSED,
    SLOT_BY_SLOT,
    TITLES,
    Learned,
    find_unlearned,
)
from sagin.papers.slicing.profiles import Profile
from sagin.parameters import to_mapping, vary_fields
from sagin.slicing.scenario import Scenario, check_scenario, resize_slices, slice_sizes
from sagin.studies.digest import digest_method
from sagin.studies.figure import Figure, Point
from sagin.studies.store import build_task

STUDY, MAKE = "slicing", "sagin.papers.slicing.run.make"
Counts = tuple[int, int, int]
LARGEST = int(TOTALS[-1]) // 3
WINDOW, WINDOWS = 500, 20
"""Number of slots over which rewards of figure 3 are averaged, and of points of a short run's
curve.
"""
CHUNK = 100
"""Number of slots between two stored rewards."""
VALIDATIONS = 10
"""Number of validations of a training, at most one every CHUNK slots."""


def list_points(
    figure: Figure, scenario: Scenario, profile: Profile, methods: Sequence[str] = ()
) -> list[Point]:
    """Return the tasks that a figure needs.

    Args:
        figure: the figure.
        scenario: scenario of the study.
        profile: amount of computation.
        methods: further methods on the same slots, in the form of `find_method`, or all.
    """
    learned = [LEARNED[name] for name in figure.methods if name in LEARNED]
    unlearned = [name for name in figure.methods if name not in LEARNED]
    baselines = [name for name in figure.baselines if name in profile.baselines]
    further = [] if figure.sweep != "users" or figure.drawing else select_methods(methods)
    if figure.sweep == "users":
        unlearned += [name for name in baselines if can_play(name, scenario)]
        unlearned += [method.name for method in further if method.name in TITLES]
    curves = range(profile.curve_seeds if figure == CURVES else 0)
    points = [train_curve(scenario, profile, seed) for seed in curves]
    for seed in range(profile.seeds if learned and figure != CURVES else 0):
        points += [point for row in learned for point in train(row, scenario, profile, seed)]
    for name in dict.fromkeys(unlearned):
        points += [evaluate(name, size, scenario, profile) for size in list_sizes(figure)]
    for name in sorted({row.floor for row in learned} - set(unlearned)):
        points += [evaluate(name, size, scenario, profile) for size in list_sizes(figure)]
    for method in further:
        if method.name not in TITLES:
            points += list_method_points(method, list_sizes(figure), scenario, profile)
    return points


def select_methods(names: Sequence[str], known: Collection[str] = TITLES) -> list[Method]:
    """Return the named methods; sagin's methods in `known` are rows of the paper.

    Raises:
        InputError: a method does not exist, or has the name of a row but another source.
    """
    methods = find_methods(names, "slicing")
    for method in methods:
        if method.name in known and method.source != OWN:
            raise InputError(
                f"method {method.source!r}: {method.name!r} is a method of the paper (allowed: a "
                "name of its own)"
            )
    return methods


def list_method_points(
    method: Method, sizes: Sequence[int], scenario: Scenario, profile: Profile
) -> list[Point]:
    """Return the tasks of a method outside the paper's rows, at each K_s for which it works.

    Slices are not padded: the method sees only the users who take part.

    Raises:
        InputError: it works for none of these K_s.
    """
    sizes = [size for size in sizes if method.users in (None, size)] or [
        size for size in sizes if method.check_users(size)
    ]
    points = []
    for size in sizes:
        task = build_task(
            STUDY,
            MAKE,
            kind="evaluate",
            method=method.name,
            policy=method.place,
            source=digest_method(method),
            scenario=to_mapping(resize(scenario, size)),
            counts=[size] * 3,
            slots=profile.slots,
            runs=profile.runs,
            seed=profile.seed,
        )
        alike = [method.place, task["scenario"], task["slots"], task["runs"]]
        points.append(Point(task, task["slots"] * task["runs"], compute_digest(alike)))
    return points


def list_sizes(figure: Figure) -> list[int]:
    """Return the K_s of a figure's points, equal in all slices."""
    if figure.id.startswith(tuple(LOADS)):
        return [int(total) // 3 for total in figure.values]
    return [int(size) for size in figure.values] or [STANDARD_SIZE]


def has_figure(figure: Figure, profile: Profile) -> bool:
    """Return whether a profile has all methods of a figure."""
    learned = [name for name in figure.methods if name in LEARNED]
    if not learned:
        return True
    if not profile.iterations:
        return False
    return (profile.alone or figure.sweep != ALONE) and set(learned) <= set(profile.methods)


def can_play(name: str, scenario: Scenario) -> bool:
    """Return whether a method supports the scenario's interference; bounds support one kind."""
    return name != BOUND or scenario.radio.interference == "same-type"


def evaluate(
    name: str, size: int, scenario: Scenario, profile: Profile, most: int = LARGEST
) -> Point:
    """Return the task of a method without learning, with `size` users in each slice.

    Slices are padded to `most` users, so that tasks share a program. Planner and bound use only the
    first slot of each run.
    """
    row = find_unlearned(name)
    rows = [max(most, size, count) for count in slice_sizes(scenario)]
    padded = resize_slices(vary_fields(scenario, row.overrides, check_scenario), rows)
    is_single = row.policy.partition(",")[0] in SLOT_BY_SLOT
    effort: dict[str, Any] = {}
    if row.policy in CONSTANTS:
        effort = {"effort": list(profile.effort)}
    task = build_task(
        STUDY,
        MAKE,
        kind="evaluate",
        method=name,
        policy=row.policy,
        scenario=to_mapping(padded),
        counts=[size] * 3,
        slots=1 if is_single else profile.slots,
        runs=min(profile.runs, profile.bounded) if row.policy == BOUND else profile.runs,
        seed=profile.seed,
        **effort,
    )
    alike = [
        row.policy if is_single else "",
        task["scenario"] if is_single else _drop_choices(task["scenario"]),
        task["slots"],
        task["runs"],
    ]
    return Point(task, task["slots"] * task["runs"], compute_digest(alike))


def train(row: Learned, scenario: Scenario, profile: Profile, seed: int) -> list[Point]:
    """Return the tasks of one seed of a learned method: one task, or one per K_s."""
    if not profile.each_size:
        return [_train(row, scenario, profile, seed, SIZES[-1])]
    sizes = row.sizes or profile.sizes
    return [_train(row, scenario, profile, seed, size) for size in sizes]


def _train(row: Learned, scenario: Scenario, profile: Profile, seed: int, most: int) -> Point:
    """Return the task of a training for up to `most` users in each slice."""
    field = () if profile.each_size else (f"game.least_users={SIZES[0]}",)
    sized = vary_fields(resize(scenario, most), (*row.overrides, *field), check_scenario)
    run = _plan_run(row, sized, profile.settings, row.iterations or profile.iterations)
    counts = [(most,) * 3] if profile.each_size else list_counts(profile.alone)
    has_map = scenario.uavs.count > 0 and len(scenario.base_stations.positions_m) > 0
    curve: dict[str, Any] = {}
    if row.name == PROPOSED and most == STANDARD_SIZE and has_common_curve(profile):
        curve["window"] = _find_window(run.iterations)
    return _make_point(
        run,
        row.name,
        seed,
        counts=[list(triple) for triple in counts],
        layouts=profile.layouts if has_map and (STANDARD_SIZE,) * 3 in counts else 0,
        runs=profile.runs,
        slots=profile.slots,
        test_seed=profile.seed,
        **curve,
    )


def has_common_curve(profile: Profile) -> bool:
    """Return whether figure 3 shows the trainings of the other figures."""
    alike = profile.curve_iterations == profile.iterations
    return alike and profile.each_size and profile.curve_seeds <= profile.seeds


def _find_window(iterations: int) -> int:
    """Return the number of iterations over which rewards of figure 3 are averaged."""
    return min(WINDOW, max(iterations // WINDOWS // CHUNK, 1) * CHUNK)


def _plan_run(row: Learned, scenario: Scenario, settings: Sequence[str], iterations: int) -> Any:
    """Return a training of a row: its algorithm, with its settings before those of the study."""
    from sagin.training.run import TrainingRun

    chosen = make_settings((*row.learner.settings, *settings, *row.settings))
    often = max(iterations // VALIDATIONS, CHUNK)
    return TrainingRun(scenario, row.learner.algorithm, chosen, iterations, evaluate_every=often)


def train_curve(scenario: Scenario, profile: Profile, seed: int) -> Point:
    """Return the task of one seed of figure 3, with the paper's flat networks at its K_s."""
    row, iterations = LEARNED[PROPOSED], profile.curve_iterations
    if has_common_curve(profile):
        return _train(row, scenario, profile, seed, STANDARD_SIZE)
    sized = vary_fields(resize(scenario, STANDARD_SIZE), row.overrides, check_scenario)
    run = _plan_run(row, sized, profile.settings, iterations)
    return _make_point(
        run,
        PROPOSED,
        seed,
        window=_find_window(iterations),
        counts=[[STANDARD_SIZE] * 3],
        layouts=0,
        runs=profile.runs,
        slots=profile.slots,
        test_seed=profile.seed,
    )


def _make_point(run: Any, name: str, seed: int, **test: Any) -> Point:
    plan = json.loads(json.dumps(run.to_plain()))
    task = build_task(STUDY, MAKE, kind="train", method=name, plan=plan, number=seed, **test)
    alike = task["plan"] | {"scenario": _drop_choices(task["plan"]["scenario"], "uavs")}
    return Point(task, run.iterations, compute_digest(alike))


def _drop_choices(scenario: dict[str, Any], *static: str) -> dict[str, Any]:
    """Return a scenario without the choices that share programs, except those of some sections."""
    shared = {"balancing": "rule", "uavs": "placement", "game": "collision"}
    return {
        name: {key: value for key, value in part.items() if key != shared.get(name)}
        if name not in static
        else part
        for name, part in scenario.items()
    }


def resize(scenario: Scenario, most: int) -> Scenario:
    """Return the scenario with this number of users in each slice."""
    return resize_slices(scenario, (most, most, most))


def list_counts(alone: bool = True) -> list[Counts]:
    """Return the users of H, L and C at which a policy is evaluated.

    First all slices are equal, then one slice is swept with the others at STANDARD_SIZE.
    """
    counts: list[Counts] = [(size, size, size) for size in SIZES]
    for swept in range(3) if alone else ():
        for size in SIZES:
            high, low, wide = (size if row == swept else STANDARD_SIZE for row in range(3))
            counts.append((high, low, wide))
    return list(dict.fromkeys(counts))
