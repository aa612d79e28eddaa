"""How much of the slicing study is computed, and its readings of what the paper leaves open."""

from dataclasses import dataclass, replace

from sagin.papers.paper import Reading
from sagin.papers.slicing.figures import SIZES
from sagin.papers.slicing.methods import BASELINES, FIXED, LEARNED, NONE, PROPOSED, SINGLE, UNIFORM


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


FROM_CONSTANT = ("network.start=constant",)
TINY = (
    "network.widths=[32]",
    "reinforce.environments=8",
    "reinforce.samples=4",
    "mappo.environments=32",
)
STANDING = (PROPOSED, UNIFORM, NONE, FIXED)
"""Methods of two layers, which readings compare."""
PROFILES = {
    "quick": Profile(
        runs=8,
        slots=5,
        iterations=100,
        seeds=2,
        settings=TINY,
        methods=(*STANDING, *SINGLE),
        baselines=tuple(name for name in BASELINES if name not in ("bound", "planner")),
        alone=False,
        layouts=4,
        effort=(4, 640, 50, 32),
        curve_iterations=600,
        curve_seeds=1,
    ),
    "standard": Profile(
        50, 20, 2500, 3, FROM_CONSTANT, (8, 10, 12, 16), each_size=True, alone=False, curve_seeds=3
    ),
    "paper": Profile(50, 20, 10_000, 10, FROM_CONSTANT, each_size=True, alone=False),
}
"""The paper's flat networks: small ones for every K_s at once, or full ones for each K_s."""
SMALL = Profile(20, 10, 500, 3, methods=STANDING, alone=False, layouts=4)
"""What is trained for each reading, for every K_s at once: enough for an orientation."""


def reduce_profile(profile: Profile) -> Profile:
    """Return how much of a profile is computed for each reading."""
    base = profile if profile.iterations < SMALL.iterations else SMALL
    return replace(base, methods=STANDING, baselines=(), seed=profile.seed)


def describe_profile(profile: Profile) -> str:
    """Return a profile in words."""
    text = f"{profile.runs} runs of {profile.slots} slots a point"
    if not profile.iterations:
        return text
    training = f"{profile.seeds} seeds of {profile.iterations} iterations of each learned method"
    curve = f"{profile.curve_seeds} of {profile.curve_iterations} for figure 3"
    return f"{text}; {training}, {curve}"


READINGS = (
    Reading("default", "as in the figures", ()),
    Reading("no-interference", "no interference", ("radio.interference=none",)),
    Reading(
        "other-nodes",
        "interference from other nodes' users alone",
        ("radio.interference=other-nodes",),
    ),
    Reading(
        "transfer",
        "layer 1 hands its actions and rewards to layer 2 (line 11)",
        ("game.transfer=actions-and-rewards",),
    ),
    Reading("all-users", "rewards over all users", ("objectives.reward=all-users",)),
    Reading(
        "reference-200",
        "reward's reference 200 Mbit/s",
        ("objectives.throughput_reference_mbps=200",),
    ),
    Reading("threshold-10", "γ_th = 10 dB", ("objectives.coverage_threshold_db=10",)),
    Reading("capacity-5", "C_th = 5", ("base_stations.capacity=5",)),
    Reading("capacity-15", "C_th = 15", ("base_stations.capacity=15",)),
)
"""One choice at a time; the collision rule, which only one layer knows, is a row of the claims."""
