"""Training runs as files: definition of a run, its seeds, their records, and trained policies.

`train` does the same as `sagin train`; `load_policy` returns the policy of a trained folder.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sagin.training.policy import load_numpy_policy, load_policy
    from sagin.training.seeds import train

__all__ = ["load_numpy_policy", "load_policy", "train"]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that the package's import stays light."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module 'sagin.training' has no attribute {name!r}")
    return getattr(
        import_module(f"sagin.training.{'seeds' if name == 'train' else 'policy'}"), name
    )
