"""Flat vectors of the agents: names and shapes of their parts."""

import math
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from sagin.types import Array

VectorLayout = tuple[tuple[str, tuple[int, ...]], ...]
"""Names and shapes of the arrays in a flat vector, one after another, each in C order."""


def count_numbers(layout: VectorLayout) -> int:
    """Return the length of a layout."""
    return sum(math.prod(shape) for _, shape in layout)


def index_parts(layout: VectorLayout) -> dict[str, np.ndarray]:
    """Return the positions of each part's numbers in the flat vector."""
    return unpack(np.arange(count_numbers(layout)), layout)


def pack(parts: Mapping[str, Array], layout: VectorLayout) -> Array:
    """Join the parts to a flat vector."""
    return jnp.concatenate([parts[name].reshape(-1) for name, _ in layout])


def unpack(vector: Any, layout: VectorLayout) -> dict[str, Any]:
    """Split a flat vector into its parts: the inverse of `pack`."""
    ends = np.cumsum([math.prod(shape) for _, shape in layout]).tolist()
    pieces = zip(layout, [0, *ends], ends, strict=False)
    return {name: vector[start:end].reshape(shape) for (name, shape), start, end in pieces}
