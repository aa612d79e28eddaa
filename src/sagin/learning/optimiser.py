"""One optimiser for the networks of every agent."""

from typing import Any

import jax
import optax

from sagin.learning.settings import Settings


def make_optimiser(settings: Settings, rate: Any) -> optax.GradientTransformation:
    """Return Adam for one network, on gradients of bounded norm if the settings bound it."""
    bound = (
        ()
        if settings.gradient_norm is None
        else (optax.clip_by_global_norm(settings.gradient_norm),)
    )
    return optax.chain(*bound, optax.scale_by_adam(), optax.scale(-rate))


def apply_gradients(
    settings: Settings, rate: Any, slope: Any, moments: Any, nets: Any
) -> tuple[Any, Any]:
    """Return stacked networks after a step against the slope, each with its own norm and moments,
    and the new moments.
    """
    change, moments = jax.vmap(make_optimiser(settings, rate).update)(slope, moments)
    return optax.apply_updates(nets, change), moments
