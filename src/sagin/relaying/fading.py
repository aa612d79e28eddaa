"""Fading models as rows of a table: how a link's powers are drawn, and their mean.

Your own fading enters a scenario in Python, as `dataclasses.replace(scenario.satellite,
fading_user=Fading(...))`; the built-in models are rows of the same kind, selected by name.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from jaxtyping import Array

from sagin.choices import Choice, select_case
from sagin.errors import ScenarioError
from sagin.inputs.fields import accept_instances
from sagin.propagation import rayleigh, shadowed_rician

FadingName = Literal["rayleigh", "heavy", "average", "light"]


class Fading(NamedTuple):
    """A distribution of channel powers |h|²."""

    name: str
    """Name in results and errors."""
    sample_power: Callable[[Array, Any, tuple[int, ...]], Array]
    """Function that draws independent powers from key, parameters and shape; the parameters
    broadcast.
    """
    mean_power: Callable[[Any], Any]
    """Function from the parameters to E|h|²."""
    parameters: Any = ()
    """Numbers of the distribution, a hashable tuple."""

    @property
    def mean(self) -> Any:
        """E|h|²."""
        return self.mean_power(self.parameters)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        """Let pydantic accept only instances; text files name a built-in fading."""
        return accept_instances(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        """State in the JSON Schema that no text describes an instance."""
        return {"not": {}}


def _sample_rayleigh(key: Array, _: Any, shape: tuple[int, ...]) -> Array:
    return rayleigh.sample_power(key, shape)


def _build_shadowed(name: str, parameters: shadowed_rician.ShadowedRician) -> Fading:
    return Fading(name, shadowed_rician.sample_power, shadowed_rician.mean_power, parameters)


FADINGS: Mapping[str, Fading] = MappingProxyType(
    {
        "rayleigh": Fading("rayleigh", _sample_rayleigh, lambda _: 1.0),
        "heavy": _build_shadowed("heavy", shadowed_rician.HEAVY),
        "average": _build_shadowed("average", shadowed_rician.AVERAGE),
        "light": _build_shadowed("light", shadowed_rician.LIGHT),
    }
)
"""The built-in fadings by name: Rayleigh, and Abdi's shadowed-Rician sets (2003, table III)."""


def get_fading(fading: str | Choice | Fading | None) -> Fading:
    """Return a scenario's fading: a row of FADINGS by name, the user's own, or Rayleigh for None.

    A `Choice` among rows of one family takes the parameters of the selected row.
    """
    if isinstance(fading, Fading):
        return fading
    if isinstance(fading, Choice):
        rows = {name: FADINGS[name] for name in fading.options}
        parameters = select_case(
            fading, {name: lambda row=row: row.parameters for name, row in rows.items()}
        )
        return next(iter(rows.values()))._replace(name="a choice", parameters=parameters)
    if (name := fading or "rayleigh") not in FADINGS:
        raise ScenarioError(f"fading {name!r}: unknown; allowed: {', '.join(FADINGS)}, or a Fading")
    return FADINGS[name]
