"""Trained policies, read from the folder of a run, of a seed, or from a policy's file."""

from pathlib import Path
from typing import Any

import jax

from sagin.errors import StoreError
from sagin.learning import checkpoint
from sagin.learning.policy import LearnedPolicy
from sagin.training.run import (
    CHECKPOINT,
    POLICY,
    TrainingRun,
    compile_run,
    make_seed_key,
    parse_run,
)


def read_actors(run: TrainingRun, path: Path) -> tuple[Any, ...]:
    """Return the actors in a seed's policy file (those of its best validation) or in its checkpoint
    (the last ones).
    """
    like = jax.eval_shape(compile_run(run.task)[0], make_seed_key(run, 0))
    if path.name == CHECKPOINT:
        return tuple(stage.actors for stage in checkpoint.load(path, like).learned)
    return checkpoint.load(path, tuple(stage.actors for stage in like.learned))


def load_policy(path: Path | str) -> LearnedPolicy:
    """Return the policy that `sagin train` stored in a file or a seed's folder.

    Raises:
        StoreError: with one line, if there is none or it is damaged.
    """
    path = Path(path)
    path = path / POLICY if path.is_dir() else path
    metadata = checkpoint.read_metadata(path)
    if "plan" not in metadata:
        raise StoreError(f"{path}: holds no policy (allowed: {POLICY} of a seed's folder)")
    run = parse_run(metadata["plan"], str(path))
    return LearnedPolicy(run.task, read_actors(run, path))
