"""Loss models of a link as rows of a table: terms, range of validity, source."""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import jax.numpy as jnp

from sagin.errors import InputError
from sagin.links.settings import Losses
from sagin.parameters import Rule, check_rules, read
from sagin.propagation import (
    air_to_ground,
    free_space,
    gases,
    log_distance,
    ntn,
    ntn_tables,
    p618,
)
from sagin.propagation import satellite_terminals as terminals
from sagin.types import Array, Float
from sagin.units import Numbers, as_float, as_float64

WHOLE_ATMOSPHERE_M = 20_000.0
"""Height of the upper end, m, from which a path counts as a path through the whole atmosphere."""


class PathGeometry(NamedTuple):
    """Geometry of a path; the fields broadcast."""

    frequency_hz: Numbers
    distance_m: Numbers
    """Length of the straight path, m."""
    elevation_deg: Numbers
    """Elevation of the upper end as seen from the lower one, degrees."""
    lower_height_m: Numbers
    upper_height_m: Numbers


class LossTerm(NamedTuple):
    """One term of a path's loss."""

    name: str
    value_db: Float[Array, "..."]
    source: str


Terms = tuple[LossTerm, ...]


class LossModel(NamedTuple):
    """A row of the table of loss models."""

    text: str
    """Description, in one clause."""
    source: str
    effects: frozenset[str]
    """Effects that its terms include; two models of a link share none of them."""
    compute: Callable[[PathGeometry, Any], Terms]
    """Function from path and settings to the terms."""
    settings: str | None = None
    """Name of the model's section in `Losses`."""
    frequency_ghz: tuple[float, float] = (0.001, 1000.0)
    """Smallest and largest frequency of its validity."""
    elevation_deg: tuple[float, float] = (-90.0, 90.0)
    upper_height_m: tuple[float, float] = (0.0, 1e9)


def _spread(path: PathGeometry) -> LossTerm:
    loss = free_space.path_loss_db(path.distance_m, path.frequency_hz)
    return LossTerm("free space", loss, "ITU-R P.525")


def _free_space(path: PathGeometry, _: None) -> Terms:
    return (_spread(path),)


def _log_distance(path: PathGeometry, settings: Any) -> Terms:
    loss = log_distance.path_loss_db(
        path.distance_m, path.frequency_hz, settings.exponent, settings.reference_distance_m
    )
    margin = log_distance.shadow_margin_db(
        settings.shadowing_std_db, settings.coverage_percent / 100.0
    )
    return (
        LossTerm("log-distance path loss", loss, "Rappaport (4.68)"),
        LossTerm("shadowing margin", margin, "Rappaport (4.69): σ·Φ⁻¹(coverage)"),
    )


def _air_to_ground(path: PathGeometry, settings: Any) -> Terms:
    environment = air_to_ground.ENVIRONMENTS[settings.environment]
    excess = air_to_ground.excess_loss_db(jnp.deg2rad(as_float(path.elevation_deg)), environment)
    return _spread(path), LossTerm(
        f"mean excess loss, {settings.environment}", excess, "Al-Hourani et al. 2014"
    )


def _non_terrestrial(path: PathGeometry, settings: Any) -> Terms:
    """Return the terms of TR 38.811 (6.6-1); a mean over sight weighs the clutter loss."""
    place = path.elevation_deg, settings.environment
    if settings.sight == "mean":
        obstructed = 1.0 - ntn.los_probability(*place)
        clutter = obstructed * _clutter(path, False, settings)
        margin = jnp.zeros_like(clutter)
    else:
        in_sight = settings.sight == "line_of_sight"
        clutter = _clutter(path, in_sight, settings)
        std = ntn.shadowing_std_db(
            path.elevation_deg, in_sight, path.frequency_hz, settings.environment
        )
        margin = log_distance.shadow_margin_db(std, settings.coverage_percent / 100.0)
    link = path.frequency_hz, path.elevation_deg
    return (
        _spread(path),
        LossTerm("gases", ntn.absorption_db(*link), "TR 38.811 (6.6-8), clause 6.6.4"),
        LossTerm("scintillation", ntn.scintillation_loss_db(*link), "TR 38.811 clause 6.6.6"),
        LossTerm("clutter", clutter, "TR 38.811 Tables 6.6.1-1, 6.6.2-1 to -3"),
        LossTerm("shadowing margin", margin, "TR 38.811 Tables 6.6.2-1 to -3"),
    )


def _clutter(path: PathGeometry, in_sight: bool, settings: Any) -> Float[Array, "..."]:
    return ntn.clutter_loss_db(
        path.elevation_deg, in_sight, path.frequency_hz, settings.environment
    )


def _study_budget(path: PathGeometry, settings: Any) -> Terms:
    link = path.frequency_hz, path.elevation_deg
    margin = settings.shadow_margin_db
    if margin is None:
        bands = terminals.SHADOW_MARGIN_DB
        is_high = as_float(path.frequency_hz) >= ntn.KA_BAND_EDGE
        margin = jnp.where(is_high, bands["Ka"], bands["S"])
    return (
        _spread(path),
        LossTerm("atmosphere", ntn.gaseous_loss_db(*link), "TR 38.811 (6.6-8)"),
        LossTerm("scintillation", ntn.scintillation_loss_db(*link), "TR 38.811 clause 6.6.6"),
        LossTerm("shadowing margin", as_float(margin), "TR 38.821 clause 6.1.3.2"),
    )


def _gases(path: PathGeometry, settings: Any) -> Terms:
    air = settings.pressure_hpa, settings.temperature_k, settings.vapour_density_g_m3
    # as arrays, outside of whose ranges the path that is not taken is NaN and no error
    frequency_hz, elevation_deg = as_float(path.frequency_hz), as_float(path.elevation_deg)
    slant = gases.slant_gaseous_attenuation_db(frequency_hz, elevation_deg, *air)
    low = sum(gases.gas_specific_attenuation_db_km(frequency_hz, *air))
    is_high = as_float(path.upper_height_m) >= WHOLE_ATMOSPHERE_M
    loss = jnp.where(is_high, slant, low * as_float(path.distance_m) / 1e3)
    return (LossTerm("oxygen and water vapour", loss, "ITU-R P.676-12"),)


def _rain(path: PathGeometry, settings: Any) -> Terms:
    loss = p618.rain_attenuation_db(
        settings.rate_mm_h,
        settings.height_km,
        path.frequency_hz,
        path.elevation_deg,
        settings.latitude_deg,
        100.0 - as_float(settings.availability_percent),
        station_height_km=as_float(path.lower_height_m) / 1e3,
        tilt_deg=settings.tilt_deg,
    )
    return (LossTerm("rain", loss, "ITU-R P.618-14 clause 2.2.1.1"),)


SPREADING = frozenset({"spreading"})
"""Effect that exactly one model of a link includes."""

NTN_GHZ = ntn_tables.ZENITH_FREQUENCY_GHZ[0], ntn_tables.ZENITH_FREQUENCY_GHZ[-1]
_EFFECTS = SPREADING | {"gases", "scintillation", "shadowing"}

MODELS: Mapping[str, LossModel] = MappingProxyType(
    {
        "free-space": LossModel("free space", "ITU-R P.525", SPREADING, _free_space),
        "log-distance": LossModel(
            "power law of the distance with log-normal shadowing",
            "Rappaport, Wireless Communications, 2nd ed., (4.68), (4.69)",
            SPREADING | {"shadowing"},
            _log_distance,
            "log_distance",
        ),
        "air-to-ground": LossModel(
            "mean loss of a low-altitude platform",
            "Al-Hourani, Kandeepan, Lardner, IEEE WCL 2014",
            SPREADING | {"clutter"},
            _air_to_ground,
            "air_to_ground",
            frequency_ghz=(0.7, 5.8),
            elevation_deg=(0.0, 90.0),
            upper_height_m=(0.0, WHOLE_ATMOSPHERE_M),
        ),
        "ntn": LossModel(
            "non-terrestrial path: gases, scintillation, clutter, shadowing",
            "3GPP TR 38.811 clause 6.6",
            _EFFECTS | {"clutter"},
            _non_terrestrial,
            "ntn",
            NTN_GHZ,
            (5.0, 90.0),
            (WHOLE_ATMOSPHERE_M / 2.5, 1e9),
        ),
        "ntn-budget": LossModel(
            "losses of 3GPP's link budgets: atmosphere, scintillation, shadowing margin",
            "3GPP TR 38.821 clause 6.1.3",
            _EFFECTS,
            _study_budget,
            "ntn_budget",
            NTN_GHZ,
            (5.0, 90.0),
            (WHOLE_ATMOSPHERE_M / 2.5, 1e9),
        ),
        "gases": LossModel(
            "oxygen and water vapour; below 20 km the lower end's air over the whole distance",
            "ITU-R P.676-12",
            frozenset({"gases"}),
            _gases,
            "gases",
            (1.0, 350.0),
        ),
        "rain": LossModel(
            "rain on an Earth-space path at an availability",
            "ITU-R P.618-14, P.838-3",
            frozenset({"rain"}),
            _rain,
            "rain",
            (1.0, 55.0),
            (5.0, 90.0),
            (WHOLE_ATMOSPHERE_M, 1e9),
        ),
    }
)
"""Loss models by name."""


def compute_losses(path: PathGeometry, losses: Losses) -> Terms:
    """Compute the terms of a path's loss, in the order of the models that the settings name.

    Their sum is the loss between isotropic antennas. Nothing is checked: see `check_path` and
    `list_loss_rules`.

    >>> terms = compute_losses(PathGeometry(2e9, 1000.0, 30.0, 0.0, 500.0), Losses())
    >>> [(term.name, round(float(term.value_db), 2)) for term in terms]
    [('free space', 98.47)]
    """
    terms: Terms = ()
    for name in losses.models:
        model = MODELS[name]
        terms += model.compute(path, model.settings and getattr(losses, model.settings))
    return terms


def read_losses(models: Iterable[str]) -> Losses:
    """Return loss settings of some models, with the defaults of each, checked.

    Raises:
        ScenarioError: a name is unknown, or models do not fit together; the message has one line.
    """
    losses = read(Losses, {"models": list(models)}, "--model")
    return check_rules(losses, list_loss_rules(losses, "losses"), "--model")


def check_path(path: PathGeometry, losses: Losses) -> None:
    """Check that the models are valid on a path of plain numbers.

    Raises:
        InputError: one line names model, quantity, value and the allowed range.
    """
    frequency_ghz, elevation, height = (
        as_float64(quantity).item()
        for quantity in (
            as_float64(path.frequency_hz) / 1e9,
            path.elevation_deg,
            path.upper_height_m,
        )
    )
    for name in losses.models:
        model = MODELS[name]
        for text, value, unit, (low, high) in (
            ("frequency", frequency_ghz, "GHz", model.frequency_ghz),
            ("elevation", elevation, "degrees", model.elevation_deg),
            ("upper height", height, "m", model.upper_height_m),
        ):
            if not low <= value <= high:
                raise InputError(
                    f"loss model {name}: {text} {value:g} {unit} is not allowed "
                    f"(allowed: {low:g} to {high:g} {unit})"
                )
    is_slanted = "gases" in losses.models and height >= WHOLE_ATMOSPHERE_M
    if is_slanted and not 5.0 <= elevation <= 90.0:
        raise InputError(
            f"loss model gases: elevation {elevation:g} degrees is not allowed "
            f"to {WHOLE_ATMOSPHERE_M / 1e3:g} km and above (allowed: 5 to 90 degrees)"
        )


def list_loss_rules(losses: Losses, prefix: str) -> list[Rule]:
    """List the rules on loss models: each effect once, no settings of an absent model."""
    models, plain = losses.models, Losses()
    effects = [effect for name in models for effect in MODELS[name].effects]
    twice = sorted({effect for effect in effects if effects.count(effect) > 1})
    spreading = [name for name, row in MODELS.items() if row.effects >= SPREADING]
    unused = [
        (
            f"{prefix}.{row.settings}",
            "settings",
            f"with '{name}' among {prefix}.models",
            name not in models and getattr(losses, row.settings) != getattr(plain, row.settings),
        )
        for name, row in MODELS.items()
        if row.settings
    ]
    return [
        (
            f"{prefix}.models",
            list(models),
            f"models that do not share {', '.join(twice)}",
            bool(twice),
        ),
        (
            f"{prefix}.models",
            list(models),
            f"one of {', '.join(spreading)}, and more",
            not set(effects) >= SPREADING,
        ),
        *unused,
        *_list_setting_rules(losses, prefix),
    ]


def _list_setting_rules(losses: Losses, prefix: str) -> list[Rule]:
    """List the rules between the settings of one model."""
    ntn, rain = losses.ntn, losses.rain
    is_mapped = rain.rate_mm_h is None or rain.height_km is None
    return [
        (
            f"{prefix}.ntn.coverage_percent",
            ntn.coverage_percent,
            f"50 with {prefix}.ntn.sight = mean",
            ntn.sight == "mean" and ntn.coverage_percent != 50.0,
        ),
        (
            f"{prefix}.rain.longitude_deg",
            rain.longitude_deg,
            "a longitude for ITU-R's maps, or rate_mm_h and height_km",
            "rain" in losses.models and is_mapped and rain.longitude_deg is None,
        ),
        (
            f"{prefix}.rain.longitude_deg",
            rain.longitude_deg,
            "none together with rate_mm_h and height_km",
            not is_mapped and rain.longitude_deg is not None,
        ),
    ]
