"""The section of a slicing scenario that belongs to the game rather than to the network."""

from typing import Annotated, Literal

from sagin.parameters import Parameter, section
from sagin.slicing.rounding import Repair
from sagin.slicing.sections import MOST_USERS


@section
class Game:
    """Fields that concern learning rather than the network."""

    least_users: Annotated[
        int | None,
        Parameter(
            "smallest K_s of an episode, which draws one number for all slices from here to the "
            "largest; none: all users take part",
            low=0,
            high=MOST_USERS,
            mark="ours",
        ),
    ] = None
    slots: Annotated[
        int,
        Parameter(
            "slots per episode",
            symbol="T",
            low=1,
            high=10**9,
            source="Algorithm 1",
            mark="open",
            other="any",
        ),
    ] = 100
    collision: Annotated[
        Literal["terrestrial-first", "drop"],
        Parameter(
            "which node serves a user whom both layers claim at once: the base station, or none",
            source="benchmarks 3, 4",
            mark="open",
            other="drop",
        ),
    ] = "terrestrial-first"
    repair: Annotated[
        Repair | None,
        Parameter(
            "choice kept if several nodes or subcarriers of a user round to 1 (C2, C3): the "
            "first or none of them; without a value the largest",
            source="'a rounding function'",
            mark="open",
            other="first, none",
        ),
    ] = None
    transfer: Annotated[
        Literal["actions", "actions-and-rewards"] | None,
        Parameter(
            "values that layer 1 transfers to the agent of the same slice in layer 2: its "
            "executed action, or also its reward; without a value only the users whom it "
            "leaves",
            source="Algorithm 1, line 11; (43) has neither",
            mark="open",
            other="actions, actions-and-rewards",
        ),
    ] = None
    stored_actions: Annotated[
        Literal["executed", "relaxed"],
        Parameter(
            "actions in the replay: with the associations of disconnected users set to 0, or "
            "as the actors gave them",
            source="Algorithm 1, line 9",
            mark="open",
            other="relaxed",
        ),
    ] = "executed"
