"""Settings of categorical heads and of the policy-gradient learner."""

from typing import Annotated, Literal

from sagin.parameters import Parameter, section

TRIAL = "trial, docs/learning/reinforce.md"


@section
class ActionHeads:
    """Conversion of networks' outputs to actions."""

    kind: Annotated[
        Literal["box", "categorical", "gumbel"],
        Parameter(
            "box: numbers in [0, 1], rounded by the game, as printed; categorical: a "
            "distribution over node or none, subcarrier and power level (MAPPO; reinforce "
            "always); gumbel: the most likely option under Gumbel noise, with the gradient "
            "of the shares (MADDPG)",
            mark="ours",
        ),
    ] = "box"
    levels: Annotated[
        tuple[float, ...], Parameter("power levels of categorical heads, 0 to 1", mark="ours")
    ] = (0.003, 0.1, 0.3, 0.6, 1.0)
    log_deviation: Annotated[
        float,
        Parameter(
            "log of the initial standard deviation of UAV positions, before squashing",
            low=-10,
            high=3,
            mark="ours",
        ),
    ] = -1.0
    quotas: Annotated[
        bool,
        Parameter(
            "the priority's quotas as masks: users of a slice take nodes of a layer in turn, "
            "until there is no room",
            mark="ours",
        ),
    ] = False
    start_logit: Annotated[
        float,
        Parameter("initial logit of the constant's options", low=0, high=20, mark="ours"),
    ] = 3.0


@section
class Reinforce:
    """Policy gradient with the mean of other samples of the same slot as baseline (RLOO)."""

    rate: Annotated[float, Parameter("learning rate", low=0, high=1, source=TRIAL, mark="ours")] = (
        1e-3
    )
    environments: Annotated[
        int, Parameter("slots per update", low=1, high=10**5, source=TRIAL, mark="ours")
    ] = 32
    samples: Annotated[
        int, Parameter("actions tried in each slot", low=2, high=10**4, source=TRIAL, mark="ours")
    ] = 8
    entropy: Annotated[
        float,
        Parameter(
            "weight of the entropy, a mean over an agent's choices",
            low=0,
            high=10,
            source=TRIAL,
            mark="ours",
        ),
    ] = 0.06
    horizon: Annotated[
        float,
        Parameter(
            "updates over which learning rate and entropy decrease linearly to a tenth, "
            "where they stay; 0: no decrease",
            low=0,
            high=1e9,
            mark="ours",
        ),
    ] = 0.0
    shared_reward: Annotated[
        bool,
        Parameter(
            "whether every agent maximises the sum of all agents' rewards; otherwise its own",
            mark="ours",
        ),
    ] = True
    weights: Annotated[
        tuple[float, ...],
        Parameter(
            "weights of agents' rewards, in the order of a layer's agents (H, L, C), layer "
            "after layer",
            mark="ours",
        ),
    ] = (1.0, 1.0, 1.0)
