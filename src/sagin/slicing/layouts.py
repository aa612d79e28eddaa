"""Flat vectors of the agents: names and shapes of the arrays that one holds."""

import math
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np

from sagin.types import Array

VectorLayout = tuple[tuple[str, tuple[int, ...]], ...]
"""Names and shapes of the arrays that a flat vector holds, one after another, each in C order."""


def count_numbers(layout: VectorLayout) -> int:
    """Return how many numbers a layout holds."""
    return sum(math.prod(shape) for _, shape in layout)


def index_parts(layout: VectorLayout) -> dict[str, np.ndarray]:
    """Return the place of each part's numbers in the flat vector."""
    return unpack(np.arange(count_numbers(layout)), layout)


def pack(parts: Mapping[str, Array], layout: VectorLayout) -> Array:
    """Return the flat vector that holds the parts."""
    return jnp.concatenate([parts[name].reshape(-1) for name, _ in layout])


def unpack(vector: Any, layout: VectorLayout) -> dict[str, Any]:
    """Return the parts that a flat vector holds: the inverse of `pack`."""
    ends = np.cumsum([math.prod(shape) for _, shape in layout]).tolist()
    pieces = zip(layout, [0, *ends], ends, strict=False)
    return {name: vector[start:end].reshape(shape) for (name, shape), start, end in pieces}
