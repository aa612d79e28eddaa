"""From MADDPG as printed to a learner that can learn, with one change per step."""

from typing import NamedTuple

RELAXED, EXECUTED = "game.stored_actions=relaxed", "game.stored_actions=executed"


class LadderStep(NamedTuple):
    """One change; its settings also apply to all later steps."""

    name: str
    settings: tuple[str, ...]
    overrides: tuple[str, ...] = ()
    iterations: int = 30_000


STEPS = (
    LadderStep(
        "as printed, γ = 0.9", ("maddpg.discount=0.9", "maddpg.noise_slots=15000"), (RELAXED,)
    ),
    LadderStep("as printed, γ = 0", ("maddpg.discount=0",)),
    LadderStep("rewards over all users", (), ("objectives.reward=all-users",)),
    LadderStep(
        "Gumbel heads",
        (
            "heads.kind=gumbel",
            "heads.levels=[0.001,0.003,0.01,0.03,0.09,0.18,0.3,0.45,0.65,1.0]",
            "maddpg.noise_start=1",
            "maddpg.noise_end=0.1",
            "maddpg.saturation_bound=5",
        ),
    ),
    LadderStep(
        "8 environments", ("maddpg.environments=8", "maddpg.noise_slots=3000"), iterations=6000
    ),
    LadderStep(
        "replay 16 000, batch 128", ("maddpg.replay=16000", "maddpg.batch=128"), iterations=6000
    ),
    LadderStep("executed actions", (), (EXECUTED,), 6000),
    LadderStep("critics that see physics", ("maddpg.critic_sees=physics",), (), 6000),
    LadderStep(
        "start at the constant", ("network.start=constant", "heads.start_logit=3"), (), 6000
    ),
)
"""The ladder. The noise ends at half of each run; the paper prints no schedule of it."""


def name_step(number: int) -> str:
    """Return the name of a step's method.

    >>> name_step(0), name_step(3)
    ('MADDPG 0: as printed, γ = 0.9', 'MADDPG 3: Gumbel heads')
    """
    return f"MADDPG {number}: {STEPS[number].name}"


def gather(number: int) -> LadderStep:
    """Return a step with the settings of all earlier steps."""
    steps = STEPS[: number + 1]
    return LadderStep(
        name_step(number),
        ("network.start=drawn", *(field for step in steps for field in step.settings)),
        tuple(field for step in steps for field in step.overrides),
        STEPS[number].iterations,
    )
