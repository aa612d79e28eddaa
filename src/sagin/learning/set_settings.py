"""Settings of the set policy's training."""

from typing import Annotated

from sagin.parameters import Parameter, section


@section
class SetPolicy:
    """A sequential set policy, trained by the policy gradient over several samples of each slot."""

    slots: Annotated[int, Parameter("new slots per update", low=1, high=10**5, mark="ours")] = 16
    samples: Annotated[
        int,
        Parameter("samples per slot, each compared with the others", low=2, high=1000, mark="ours"),
    ] = 8
    rate: Annotated[
        float,
        Parameter("initial learning rate; it decreases as a cosine", low=0, high=1, mark="ours"),
    ] = 2e-3
    horizon: Annotated[
        int,
        Parameter(
            "updates until the learning rate is at its minimum", low=1, high=10**9, mark="ours"
        ),
    ] = 8000
    priority: Annotated[
        float,
        Parameter(
            "share of the slots in which the priority's quotas hold; with 1 the policy keeps them",
            low=0,
            high=1,
            mark="ours",
        ),
    ] = 0.5
    goals: Annotated[
        float,
        Parameter(
            "share of the slots with random weights of the slices",
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
        Parameter(
            "turns per user in which a user is removed and placed again", low=0, high=4, mark="ours"
        ),
    ] = 0.5
    pointer: Annotated[
        bool,
        Parameter(
            "whether a network picks the next user",
            mark="ours",
            other="false: users in the order of their rows",
        ),
    ] = True
    physics: Annotated[
        bool,
        Parameter(
            "whether the network sees utilities, harm and interference of the choices", mark="ours"
        ),
    ] = True
    power_rounds: Annotated[
        bool, Parameter("whether powers are refined after the placement", mark="ours")
    ] = True
