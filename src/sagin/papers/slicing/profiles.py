"""Profiles: the amount of computation of the slicing study."""

from dataclasses import dataclass

from sagin.papers.slicing.figures import SIZES
from sagin.papers.slicing.methods import BASELINES, LEARNED


@dataclass(frozen=True)
class Profile:
    """Amount of training and evaluation."""

    runs: int
    """Number of tests of a method with different users, channels and arrivals. The paper has 5."""
    slots: int
    """Number of consecutive slots of each run."""
    iterations: int = 0
    """Number of iterations of a training; 0: no training, and no figures of learned methods."""
    seeds: int = 0
    """Number of trainings of each learned method."""
    settings: tuple[str, ...] = ()
    sizes: tuple[int, ...] = SIZES
    """Values of K_s of trainings."""
    each_size: bool = False
    """Whether each K_s has its own networks; otherwise one network for all, trained on random K_s.
    """
    methods: tuple[str, ...] = tuple(LEARNED)
    baselines: tuple[str, ...] = BASELINES
    alone: bool = True
    """Whether policies are also evaluated with only one slice swept."""
    layouts: int = 20
    """Number of runs whose UAV trajectories and accesses are evaluated."""
    curve_iterations: int = 2500
    curve_seeds: int = 5
    """Number of seeds of figure 3, at its K_s."""
    bounded: int = 10
    """Largest number of runs with a bound, which takes seconds per slot."""
    effort: tuple[int, ...] = (16, 20_000, 3_000, 32)
    """Effort of the search for a constant: slots, trials, moves, tries per move."""
    seed: int = 0


FROM_CONSTANT = ("network.start=constant", "network.widths=[128]")
PROFILES = {
    "quick": Profile(
        runs=8,
        slots=5,
        baselines=tuple(name for name in BASELINES if name not in ("bound", "planner")),
        alone=False,
        layouts=4,
        effort=(4, 640, 50, 32),
    ),
    "standard": Profile(
        50,
        20,
        2500,
        3,
        FROM_CONSTANT,
        (8, 10, 12, 16),
        each_size=True,
        alone=False,
        curve_seeds=3,
    ),
    "paper": Profile(50, 20, 2500, 10, FROM_CONSTANT, each_size=True, alone=False),
}
"""Profiles; those with the paper's flat networks train one for each K_s."""


def describe_profile(profile: Profile) -> str:
    """Return a profile in words."""
    text = f"{profile.runs} runs of {profile.slots} slots a point"
    if not profile.iterations:
        return text
    training = f"{profile.seeds} seeds of {profile.iterations} iterations of each learned method"
    curve = f"{profile.curve_seeds} of {profile.curve_iterations} for figure 3"
    return f"{text}; {training}, {curve}"
