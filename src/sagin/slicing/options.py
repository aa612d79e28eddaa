"""The sections of a slicing scenario beyond the paper: users over time, channel estimates."""

from typing import Annotated

from sagin.parameters import Parameter, section
from sagin.slicing.sections import MOST_USERS

Steps = tuple[Annotated[int, Parameter("", low=0, high=MOST_USERS)], ...]


@section
class Schedule:
    """Number of users of each slice that are present in each step of time, K_s(t).

    The first users of a slice are present. The others move, but have no demand. After a slice's
    last step, its first step follows again.
    """

    high_throughput: Annotated[
        Steps | None,
        Parameter(
            "users of slice H in each step; none: always all",
            symbol="K_H(t)",
            mark="ours",
        ),
    ] = None
    low_delay: Annotated[
        Steps | None,
        Parameter(
            "users of slice L in each step; none: always all",
            symbol="K_L(t)",
            mark="ours",
        ),
    ] = None
    wide_coverage: Annotated[
        Steps | None,
        Parameter(
            "users of slice C in each step; none: always all",
            symbol="K_C(t)",
            mark="ours",
        ),
    ] = None
    step_slots: Annotated[
        int,
        Parameter(
            "length of a step; 36000 slots of 0.1 s are an hour",
            "slots",
            low=1,
            high=10**9,
            mark="ours",
            quiet=True,
        ),
    ] = 1


@section
class ChannelKnowledge:
    """Channel knowledge of decisions; rates use the true channels."""

    error_variance: Annotated[
        float,
        Parameter(
            "mean square error of estimated fading relative to its mean power; 0: known exactly",
            symbol="σ²",
            low=0,
            high=1,
            off_at_zero=True,
            source="Hassibi and Hochwald 2003",
            mark="ours",
            quiet=True,
        ),
    ] = 0.0
