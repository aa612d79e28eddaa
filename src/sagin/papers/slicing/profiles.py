"""How much of the slicing study is computed."""

from dataclasses import dataclass

from sagin.papers.slicing.figures import SIZES
from sagin.papers.slicing.methods import BASELINES, LEARNED


@dataclass(frozen=True)
class Profile:
    """How much is trained and evaluated."""

    runs: int
    """Tests of a method: other users, channels and arrivals. The paper has 5."""
    slots: int
    """In a row, of each run."""
    iterations: int = 0
    """Of a training; 0: nothing is trained, and figures of learned methods are left out."""
    seeds: int = 0
    """Trainings of each learned method."""
    settings: tuple[str, ...] = ()
    sizes: tuple[int, ...] = SIZES
    """K_s at which methods are trained."""
    each_size: bool = False
    """Whether each K_s has its own networks; else one for all, trained on K_s drawn at random."""
    methods: tuple[str, ...] = tuple(LEARNED)
    baselines: tuple[str, ...] = BASELINES
    alone: bool = True
    """Whether policies are also evaluated with one slice swept by itself."""
    layouts: int = 20
    """Runs whose UAV trajectories and accesses are evaluated."""
    curve_iterations: int = 2500
    curve_seeds: int = 5
    """Of figure 3, at its K_s."""
    bounded: int = 10
    """Runs of which the bound is computed, at most: it takes seconds per slot."""
    effort: tuple[int, ...] = (16, 20_000, 3_000, 32)
    """Of the search of a constant: slots, trials, moves, tries per move."""
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
"""The paper's flat networks: full ones for each K_s."""


def describe_profile(profile: Profile) -> str:
    """Return a profile in words."""
    text = f"{profile.runs} runs of {profile.slots} slots a point"
    if not profile.iterations:
        return text
    training = f"{profile.seeds} seeds of {profile.iterations} iterations of each learned method"
    curve = f"{profile.curve_seeds} of {profile.curve_iterations} for figure 3"
    return f"{text}; {training}, {curve}"
