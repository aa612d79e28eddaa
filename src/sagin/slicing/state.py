"""The types of the slicing system: state, actions, layer, indicators, outcome."""

from typing import NamedTuple

from sagin.types import Array, Bool, Float, Int


class State(NamedTuple):
    """A slot before any layer acts; users in the order H, L, C.

    Fading is stored as the uniform numbers from which it is computed; `links` has the values.
    """

    user_positions: Float[Array, "users 2"]
    """Positions of the users, m."""
    active: Bool[Array, " users"]
    """Mask of users who take part; the other rows are padding."""
    base_draws: Float[Array, "users base_stations subcarriers"]
    """Uniform in (0, 1): the Rayleigh power exceeds its value with this probability
    (`links.base_fading`).
    """
    uav_draws: Float[Array, "users uavs subcarriers 2"]
    """Uniform in (0, 1): probabilities of the real and imaginary part of h̃, the phase of ĥ being 0
    (`fading.normal_part`).
    """
    arrivals: Float[Array, " users"]
    """A: packets that arrive in the slot, plus the backlog of earlier slots; 0 outside slice L."""
    tiebreak: Float[Array, " users"]
    """Uniform in (0, 1): the random order in which users of a slice are disconnected, the largest
    first.
    """
    uav_positions: Float[Array, "uavs 2"]
    """Positions of the UAVs in the previous slot, m."""
    slot: Int[Array, ""]
    """Number of slots since the reset."""
    enrolled: Bool[Array, " users"] | None = None
    """Mask of users who take part in the run, present in this slot or not; None without schedule.
    """
    backlog: Float[Array, " users"] | None = None
    """Q: packets left by earlier slots, included in `arrivals`; None if none are carried."""
    estimate: (
        tuple[
            Float[Array, "users base_stations subcarriers"],
            Float[Array, "users uavs subcarriers 2"],
        ]
        | None
    ) = None
    """Draws of the channels as estimated from pilots, in place of `base_draws` and `uav_draws`;
    None if decisions know the channels.
    """


class TerrestrialAction(NamedTuple):
    """Layer 1's action (41) of all three slices, numbers in [0, 1]."""

    association: Float[Array, "users base_stations"]
    subcarrier: Float[Array, "users subcarriers"]
    power: Float[Array, " users"]


class NonTerrestrialAction(NamedTuple):
    """Layer 2's action (45) of all slices, numbers in [0, 1]; nodes are UAVs, then satellites."""

    positions: Float[Array, "agents uavs 2"]
    """Each agent's proposal, in units of the side."""
    association: Float[Array, "users nodes"]
    subcarrier: Float[Array, "users subcarriers"]
    power: Float[Array, " users"]


class Actions(NamedTuple):
    """Both layers' actions."""

    terrestrial: TerrestrialAction
    non_terrestrial: NonTerrestrialAction


class Layer(NamedTuple):
    """Links of one layer in a slot; nodes are base stations, or UAVs, then satellites."""

    node: Int[Array, " users"]
    """Serving node, −1 if none."""
    subcarrier: Int[Array, " users"]
    """Subcarrier of the user, −1 if none."""
    power: Float[Array, " users"]
    """p, W; 0 if not served."""
    served: Bool[Array, " users"]
    """Whether the user has a node and a subcarrier after balancing."""
    sinr: Float[Array, " users"]
    """SINR, a ratio; 0 if not served."""
    rate: Float[Array, " users"]
    """R, bit/s; 0 if not served."""
    load: Int[Array, " nodes"]
    """Number of served users of each node."""
    distance: Float[Array, " users"]
    """Distance to the serving node, m; 0 if not served."""
    refused: Bool[Array, " users"]
    """Whether balancing disconnected the user."""
    collided: Bool[Array, " users"]
    """Whether both layers claimed the user, so that this layer's link fails."""


class Kpis(NamedTuple):
    """Key performance indicators over all users of a slot."""

    throughput: Float[Array, "*slots"]
    """(20): sum of the rates of slice H, bit/s."""
    delay: Float[Array, "*slots"]
    """(23): mean delay of slice L, s; its cap if the slice is empty."""
    delays: Float[Array, "*slots users"]
    """(21): delay of each user of slice L, s; 0 for the others."""
    coverage: Float[Array, "*slots"]
    """(26): share of slice C with SINR above the threshold; 0 if the slice is empty."""
    load_base: Int[Array, "*slots base_stations"]
    """Number of served users of each base station."""
    load_uav: Int[Array, "*slots uavs"]
    """Number of served users of each UAV."""
    load_satellite: Int[Array, "*slots satellites"]
    """Number of served users of each satellite."""
    offloaded: Float[Array, "*slots"]
    """Share of the users whom balancing disconnected from a base station."""
    unserved: Float[Array, "*slots"]
    """Share of the users whom no node serves."""
    collided: Float[Array, "*slots"]
    """Share of the users whom both layers claimed."""
    users: Int[Array, "*slots"]
    """Number of users that take part."""
    total_rate: Float[Array, "*slots"]
    """Sum of all users' rates, bit/s."""
    power: Float[Array, "*slots"]
    """Propulsion power of the UAVs and radiated power of all nodes, W (`energy.compute_power`)."""
    layer_delays: Float[Array, "*slots 2"]
    """(29), (33): mean delay of slice L over each layer's own users, s; its cap if there are none.
    Their sum is (36).
    """
    layer_coverages: Float[Array, "*slots 2"]
    """(30), (35): share of slice C covered among each layer's own users; 0 if there are none. Their
    sum is (36).
    """
    access: Float[Array, "*slots 3"]
    """Share of the users of H, L and C whom the non-terrestrial layer serves; 0 for an empty slice.
    """


class Outcome(NamedTuple):
    """Result of a slot."""

    terrestrial: Layer
    non_terrestrial: Layer
    uav_positions: Float[Array, "uavs 2"]
    """Positions of the UAVs, m."""
    rewards: Float[Array, " agents"]
    """Of agents (1,H), (1,L), (1,C), (2,H), (2,L), (2,C)."""
    kpis: Kpis
