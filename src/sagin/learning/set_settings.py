"""Settings of the set policy's training."""

from typing import Annotated

from sagin.parameters import Parameter, section


@section
class SetPolicy:
    """A sequential set policy, trained by the policy gradient over several samples of each slot."""

    slots: Annotated[int, Parameter("fresh slots of an update", low=1, high=10**5, mark="ours")] = (
        16
    )
    samples: Annotated[
        int,
        Parameter("samples of a slot, each held against the others", low=2, high=1000, mark="ours"),
    ] = 8
    rate: Annotated[
        float, Parameter("learning rate at first; it falls as a cosine", low=0, high=1, mark="ours")
    ] = 2e-3
    horizon: Annotated[
        int,
        Parameter("updates until the rate is at its least", low=1, high=10**9, mark="ours"),
    ] = 8000
    priority: Annotated[
        float,
        Parameter(
            "share of the slots in which the quotas of the priority hold; a folder of 1 is a "
            "policy that keeps them",
            low=0,
            high=1,
            mark="ours",
        ),
    ] = 0.5
    goals: Annotated[
        float,
        Parameter(
            "share of the slots in which the slices have weights of their own, drawn at random",
            low=0,
            high=1,
            mark="ours",
        ),
    ] = 0.0
    entropy: Annotated[
        float, Parameter("weight of the choices' entropy", low=0, high=10, mark="ours")
    ] = 0.0
    revisions: Annotated[
        float,
        Parameter("turns per user in which a user is taken up again", low=0, high=4, mark="ours"),
    ] = 0.5
    pointer: Annotated[
        bool, Parameter("whether a network picks the next user", mark="ours", other="false: rows")
    ] = True
    physics: Annotated[
        bool,
        Parameter("whether utilities, harm and interference of the choices are seen", mark="ours"),
    ] = True
    power_rounds: Annotated[
        bool, Parameter("whether powers are refined once users are placed", mark="ours")
    ] = True
