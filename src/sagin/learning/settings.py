"""All settings of a training besides game and key, as one frozen dataclass.

Each field has its source.
"""

from dataclasses import field
from typing import Annotated, Any, Literal

from sagin.learning.head_settings import ActionHeads, Reinforce
from sagin.learning.set_settings import SetPolicy
from sagin.parameters import Parameter, Rule, apply_overrides, check_rules, read, section

TRIAL = "recorded search, docs/learning/settings.md"
HARL = "HARL, tuned configuration of simple_spread_v2-continuous"


@section
class NetworkShape:
    """Actors and critics."""

    kind: Annotated[
        Literal["mlp", "shared"],
        Parameter(
            "mlp: flat vectors, as in the paper; shared: weights shared over users, so that "
            "one policy works for any number of users",
            mark="open",
        ),
    ] = "mlp"
    widths: Annotated[
        tuple[int, ...], Parameter("hidden layers of an mlp", source="none printed", mark="open")
    ] = (256, 128)
    row_width: Annotated[
        int,
        Parameter("width per user of shared networks", low=1, high=4096, mark="ours"),
    ] = 32
    last_layer_gain: Annotated[
        float,
        Parameter(
            "initial gain of the actors' last layer: small, so that actions start in the middle",
            low=0,
            high=10,
            mark="ours",
        ),
    ] = 0.1
    skip: Annotated[
        bool,
        Parameter(
            "whether actors' outputs also see the observation through a linear map, parallel "
            "to the hidden layers",
            mark="ours",
        ),
    ] = False
    start: Annotated[
        Literal["drawn", "constant"],
        Parameter(
            "initial actors: random, or near the best constant action, stored in the biases "
            "of their outputs (its search takes minutes if it is not stored)",
            mark="ours",
        ),
    ] = "drawn"
    blind: Annotated[
        bool,
        Parameter("state-blind twin: networks see zeros for every observation", mark="ours"),
    ] = False


@section
class Maddpg:
    """Multi-agent deterministic policy gradients over stages (47) to (53)."""

    actor_rate: Annotated[
        float, Parameter("learning rate of the actors", low=0, high=1, source=TRIAL, mark="open")
    ] = 1e-4
    critic_rate: Annotated[
        float, Parameter("learning rate of the critics", low=0, high=1, source=TRIAL, mark="open")
    ] = 1e-3
    discount: Annotated[
        float,
        Parameter(
            "discount: if slots are independent it only adds variance",
            symbol="γ",
            low=0,
            high=1,
            source=TRIAL,
            mark="open",
        ),
    ] = 0.0
    target_rate: Annotated[
        float,
        Parameter(
            "soft update of the targets",
            symbol="τ",
            low=0,
            high=1,
            source="(52), (53)",
            mark="open",
        ),
    ] = 0.01
    batch: Annotated[
        int, Parameter("transitions per update", low=1, high=10**6, source="Section VI")
    ] = 32
    replay: Annotated[
        int, Parameter("transitions in the replay", low=1, high=10**8, source="Section VI")
    ] = 2000
    environments: Annotated[
        int,
        Parameter(
            "games side by side; one update per slot of all games",
            low=1,
            high=10**5,
            source="Algorithm 1",
        ),
    ] = 1
    warm_up: Annotated[
        int,
        Parameter(
            "slots of uniform actions before the first update", low=1, high=10**7, mark="open"
        ),
    ] = 500
    others: Annotated[
        Literal["replay", "current"],
        Parameter(
            "other agents' actions in an actor's loss",
            source="(49)",
            mark="open",
            other="current: the actions of their present actors",
        ),
    ] = "replay"
    critic_sees: Annotated[
        Literal["own", "all", "physics"],
        Parameter(
            "input of a critic, besides the stage's actions",
            source="(48)",
            mark="open",
            other="all: of all agents of the stage; physics: its own, and the game's description "
            "of the actions' effect",
        ),
    ] = "own"
    critics: Annotated[
        Literal["each", "team"],
        Parameter(
            "one critic per agent, or one per stage for agents who share a reward",
            source="(48)",
            mark="open",
            other=f"team: {HARL}",
        ),
    ] = "each"
    target_noise: Annotated[
        float,
        Parameter(
            "standard deviation of the noise on target actions (smoothing)",
            low=0,
            high=1,
            source="TD3",
            mark="ours",
        ),
    ] = 0.0
    saturation_penalty: Annotated[
        float,
        Parameter(
            "weight of squared pre-activations beyond the bound in an actor's loss",
            low=0,
            high=1e3,
            source=TRIAL,
            mark="ours",
        ),
    ] = 0.1
    saturation_bound: Annotated[
        float,
        Parameter(
            "pre-activation up to which there is no penalty",
            low=0,
            high=1e3,
            source=TRIAL,
            mark="ours",
        ),
    ] = 1.5
    noise_start: Annotated[
        float,
        Parameter(
            "initial standard deviation of the exploration, in units of the box",
            low=0,
            high=1,
            source=TRIAL,
            mark="open",
        ),
    ] = 0.4
    noise_end: Annotated[
        float,
        Parameter(
            "final standard deviation of the exploration", low=0, high=1, source=TRIAL, mark="open"
        ),
    ] = 0.05
    noise_slots: Annotated[
        float,
        Parameter(
            "slots over which it decreases linearly", low=1, high=1e9, source=TRIAL, mark="open"
        ),
    ] = 20_000.0
    noise_stages: Annotated[
        Literal["first"] | None,
        Parameter(
            "stages whose actors explore by noise; without a value all of them",
            source="Algorithm 1, line 8 prints it for layer 1, line 14 none for layer 2",
            mark="open",
            other="first",
        ),
    ] = None


@section
class Mappo:
    """Multi-agent proximal policy optimisation over stages (benchmark 4)."""

    actor_rate: Annotated[
        float, Parameter("learning rate of the actors", low=0, high=1, source=HARL, mark="open")
    ] = 5e-4
    critic_rate: Annotated[
        float,
        Parameter("learning rate of the value functions", low=0, high=1, source=HARL, mark="open"),
    ] = 5e-4
    discount: Annotated[
        float, Parameter("discount", symbol="γ", low=0, high=1, source=TRIAL, mark="open")
    ] = 0.0
    trace: Annotated[
        float, Parameter("λ of the advantages", symbol="λ", low=0, high=1, source=HARL, mark="open")
    ] = 0.95
    environments: Annotated[
        int,
        Parameter("games side by side", low=1, high=10**5, source="Algorithm 1", mark="open"),
    ] = 1
    rollout: Annotated[
        int, Parameter("slots between updates", low=1, high=10**6, source=HARL, mark="open")
    ] = 200
    epochs: Annotated[
        int, Parameter("passes over a rollout", low=1, high=1000, source=HARL, mark="open")
    ] = 5
    minibatches: Annotated[
        int, Parameter("minibatches per pass", low=1, high=10**5, source=HARL, mark="open")
    ] = 1
    clip: Annotated[
        float,
        Parameter(
            "range of the ratio, 1 ± ε", symbol="ε", low=1e-6, high=10, source=HARL, mark="open"
        ),
    ] = 0.2
    entropy: Annotated[
        float, Parameter("weight of the entropy", low=0, high=10, source=HARL, mark="open")
    ] = 0.01
    shared_reward: Annotated[
        bool,
        Parameter("whether every agent is paid the sum of all agents' rewards", mark="open"),
    ] = False
    log_deviation: Annotated[
        float,
        Parameter(
            "log of the initial standard deviation, before squashing", low=-10, high=3, mark="open"
        ),
    ] = -0.5
    critic_sees: Annotated[
        Literal["own", "all"],
        Parameter(
            "input of a value function: own observation, or the global state",
            mark="open",
            source=HARL,
        ),
    ] = "all"


@section
class Settings:
    """All settings of a learner."""

    network: NetworkShape = field(default_factory=NetworkShape)
    maddpg: Maddpg = field(default_factory=Maddpg)
    mappo: Mappo = field(default_factory=Mappo)
    heads: ActionHeads = field(default_factory=ActionHeads)
    reinforce: Reinforce = field(default_factory=Reinforce)
    set_policy: SetPolicy = field(default_factory=SetPolicy)
    reward_scale: Annotated[
        float,
        Parameter("factor on rewards before learning", low=1e-9, high=1e6, mark="ours"),
    ] = 1.0
    reward_bounds: Annotated[
        Literal["running"] | None,
        Parameter(
            "scaling of rewards to 0 to 1 before learning: by the smallest and largest of an "
            "agent so far; without a value by the scenario's fixed references",
            source="'0–1 normalization'",
            mark="open",
            other="running",
        ),
    ] = None
    gradient_norm: Annotated[
        float | None,
        Parameter(
            "largest norm of the gradient of one network; longer ones are shortened to it; "
            "none: no limit",
            low=1e-9,
            high=1e9,
            mark="ours",
        ),
    ] = None


def make_settings(
    overrides: tuple[str, ...] = (), values: dict[str, Any] | None = None, source: str = "settings"
) -> Settings:
    """Return the checked settings of a learner.

    Args:
        overrides: texts `section.field=value`, applied to the values.
        values: nested mapping of settings; default: none, so that all settings have their defaults.
        source: name of the settings in error lines.

    >>> make_settings(("maddpg.batch=64",)).maddpg.batch
    64
    """
    return check(read(Settings, apply_overrides(values or {}, overrides, source), source), source)


def check(settings: Settings, source: str = "settings") -> Settings:
    """Return the settings if they agree with each other; else raise ScenarioError in one line."""
    return check_rules(settings, _list_rules(settings), source)


def _list_rules(settings: Settings) -> list[Rule]:
    maddpg, mappo, network = settings.maddpg, settings.mappo, settings.network
    transitions = mappo.rollout * mappo.environments
    team = network.kind == "shared" and maddpg.critics == "team"
    return [
        (
            "network.widths",
            network.widths,
            "one to eight layers of 1 to 8192",
            not _are_widths(network.widths),
        ),
        (
            "maddpg.replay",
            maddpg.replay,
            "a multiple of maddpg.environments",
            maddpg.replay % maddpg.environments > 0,
        ),
        ("maddpg.critics", maddpg.critics, "each, as network.kind = shared", team),
        (
            "maddpg.critic_sees",
            maddpg.critic_sees,
            "own or all, as network.kind = shared or maddpg.critics = team",
            maddpg.critic_sees == "physics"
            and (network.kind == "shared" or maddpg.critics == "team"),
        ),
        *_list_head_rules(settings),
        (
            "mappo.minibatches",
            mappo.minibatches,
            f"a divisor of rollout·environments = {transitions}",
            transitions % mappo.minibatches > 0,
        ),
    ]


def _list_head_rules(settings: Settings) -> list[Rule]:
    network, heads, weights = settings.network, settings.heads, settings.reinforce.weights
    flat_only = [
        ("network.start", network.start, "drawn", network.start == "constant"),
        ("network.blind", network.blind, "false", network.blind),
        ("network.skip", network.skip, "false", network.skip),
        ("heads.kind", heads.kind, "box", heads.kind != "box"),
    ]
    shared = network.kind == "shared"
    return [
        *(
            (name, value, f"{allowed}, as network.kind = shared", broken and shared)
            for name, value, allowed, broken in flat_only
        ),
        ("heads.levels", heads.levels, "numbers above 0, at most 1", not _are_levels(heads.levels)),
        (
            "reinforce.weights",
            weights,
            "at least one number, none below 0",
            min(weights, default=-1.0) < 0.0,
        ),
    ]


def _are_widths(widths: tuple[int, ...]) -> bool:
    return 1 <= len(widths) <= 8 and all(1 <= width <= 8192 for width in widths)


def _are_levels(levels: tuple[float, ...]) -> bool:
    return len(levels) > 0 and all(0.0 < level <= 1.0 for level in levels)
