"""Training runs as files: what a run is, its seeds, their records, and the policies that come out.

`train` writes what `sagin train` writes; `load_policy` gives the policy of a trained folder.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sagin.training.policy import load_numpy_policy, load_policy
    from sagin.training.seeds import train

__all__ = ["load_numpy_policy", "load_policy", "train"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that the room's import stays light."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'sagin.training' has no attribute {name!r}")
    return getattr(
        import_module(f"sagin.training.{'seeds' if name == 'train' else 'policy'}"), name
    )
