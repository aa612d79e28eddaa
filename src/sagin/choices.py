"""Plausible values of open parameters, and choices among names as numbers that JAX can trace."""

import copy
import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, get_args, get_type_hints

import jax
import jax.numpy as jnp

T = TypeVar("T")


class Span(NamedTuple):
    """Plausible values of an open number, equally likely between two ends."""

    low: float
    high: float
    source: str
    is_log: bool = False
    """Whether the logarithm is uniform instead."""


class Options(NamedTuple):
    """Plausible names of an open choice, equally likely."""

    names: tuple[str, ...]
    source: str = "readings of the text"


@functools.partial(
    jax.tree_util.register_dataclass, data_fields=["number"], meta_fields=["options"]
)
@dataclasses.dataclass(frozen=True, eq=False)
class Choice:
    """One of several names as a number that may be traced, so that all of them share a program.

    A `Choice` can be compared with a name, like a string; the result may be traced.
    """

    number: Any
    options: tuple[str, ...]

    def __eq__(self, name: object) -> Any:
        return self.number == self.options.index(str(name))


def number_field(part: T, name: str) -> T:
    """Return a section in which the name in a field, one of a `Literal`, is a `Choice`."""
    options = get_args(get_type_hints(type(part))[name])
    return put_value(part, name, Choice(options.index(getattr(part, name)), options))


def put_value(part: T, name: str, value: Any) -> T:
    """Return a frozen section, which may be nested, with a new value at a dotted name.

    Unlike a constructor, it accepts tracers and choices, and checks nothing.
    """
    first, _, remainder = name.partition(".")
    changed = copy.copy(part)
    value = put_value(getattr(part, first), remainder, value) if remainder else value
    object.__setattr__(changed, first, value)
    return changed


def select_case(choice: str | Choice, cases: Mapping[str, Callable[[], T]]) -> T:
    """Compute the case of a name. For a `Choice`, compute all cases and select one result.

    >>> select_case("b", {"a": lambda: 1, "b": lambda: 2})
    2
    """
    if isinstance(choice, str):
        return cases[choice]()
    results = [cases[name]() for name in choice.options]
    number = jnp.asarray(choice.number)
    return jax.tree.map(lambda *leaves: _select(number, leaves), *results)


def _select(number: jax.Array, leaves: Sequence[Any]) -> jax.Array:
    arrays = jnp.broadcast_arrays(*map(jnp.asarray, leaves))
    return jax.lax.select_n(number, *(leaf.astype(jnp.result_type(*arrays)) for leaf in arrays))
