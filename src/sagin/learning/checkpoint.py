"""Pytrees of arrays in one file: a JSON header with names, shapes and a checksum, then the bytes.

Reading such a file runs no code.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from sagin.errors import StoreError
from sagin.files import write_atomically
from sagin.inputs import LARGEST_TABLE, read_bytes

T = TypeVar("T")

MAGIC = b"sagin checkpoint 1\n"
LONGEST_HEADER = 10**8 - 1


def save(path: Path, tree: Any, metadata: dict[str, Any]) -> None:
    """Write a pytree of arrays, and plain data about it, atomically.

    An existing file stays until the new one is complete.
    """
    # leaves as bytes, one after another, described in the header
    leaves = [(name, _to_numpy(leaf)) for name, leaf in _name_leaves(tree)]
    data = b"".join(np.ascontiguousarray(leaf).tobytes() for _, leaf in leaves)
    described = [
        {"name": name, "shape": list(leaf.shape), "type": leaf.dtype.name} for name, leaf in leaves
    ]
    header = json.dumps(
        {"about": metadata, "leaves": described, "sha256": hashlib.sha256(data).hexdigest()}
    ).encode()
    write_atomically(
        path,
        MAGIC
        + f"{len(header)}\n".encode()
        + header
        + hashlib.sha256(header).hexdigest().encode()
        + data,
    )


def read_metadata(path: Path) -> dict[str, Any]:
    """Return the plain data that was saved with a checkpoint, checked as in `load`."""
    return _read_parts(path)[0]["about"]


def load(path: Path, like: T) -> T:
    """Return the pytree in a file, in the structure of `like`.

    Args:
        path: the file.
        like: a pytree of arrays, or of `jax.eval_shape`'s shapes.

    Raises:
        StoreError: the file is damaged, cut off, or of another shape; the message has one line.
    """
    header, data = _read_parts(path)
    expected = [(name, *_describe_leaf(leaf)) for name, leaf in _name_leaves(like)]
    stored = header["leaves"]
    for leaf, other in zip(expected, stored, strict=False):
        if leaf != other:
            raise StoreError(
                f"{path}: contains {' '.join(map(str, other))} instead of "
                f"{' '.join(map(str, leaf))}: written with other settings"
            )
    if len(expected) != len(stored):
        raise StoreError(
            f"{path}: contains {len(stored)} arrays instead of {len(expected)}: written with "
            "other settings"
        )
    lengths = [int(np.prod(shape)) * np.dtype(kind).itemsize for _, shape, kind in expected]
    if sum(lengths) != len(data):
        raise StoreError(
            f"{path}: damaged: contains {len(data)} bytes, but its arrays have {sum(lengths)}"
        )
    leaves, start = [], 0
    for model, (_, shape, kind), length in zip(
        jax.tree.leaves(like), expected, lengths, strict=True
    ):
        # a copy: an array that borrows the file's bytes must not be donated
        array = jnp.array(np.frombuffer(data[start : start + length], kind).reshape(shape))
        leaves.append(jax.random.wrap_key_data(array) if _is_key(model) else array)
        start += length
    return jax.tree.unflatten(jax.tree.structure(like), leaves)


def _read_parts(path: Path) -> tuple[dict[str, Any], bytes]:
    content = read_bytes(path, StoreError, LARGEST_TABLE, packed=False)
    if not content.startswith(MAGIC):
        raise StoreError(f"{path}: not a checkpoint of sagin, or of another format")
    # length, header, its checksum, then the data
    number, _, body = content[len(MAGIC) :].partition(b"\n")
    length = int(number) if number.isdigit() and len(number) < 9 else LONGEST_HEADER + 1
    text, checksum, data = body[:length], body[length : length + 64], body[length + 64 :]
    if length > LONGEST_HEADER or hashlib.sha256(text).hexdigest().encode() != checksum:
        raise StoreError(f"{path}: damaged or cut off: the header's checksum does not match")
    header = _parse_header(path, text)
    if hashlib.sha256(data).hexdigest() != header["sha256"]:
        raise StoreError(
            f"{path}: damaged or cut off: the checksum of its {len(data)} bytes does not match"
        )
    return header, data


def _parse_header(path: Path, text: bytes) -> dict[str, Any]:
    try:
        header = json.loads(text)
        leaves = [(leaf["name"], tuple(leaf["shape"]), leaf["type"]) for leaf in header["leaves"]]
        return {"about": dict(header["about"]), "leaves": leaves, "sha256": header["sha256"]}
    except (ValueError, LookupError, TypeError, RecursionError):
        raise StoreError(f"{path}: damaged: its header is not that of a checkpoint") from None


def _name_leaves(tree: Any) -> list[tuple[str, Any]]:
    return [
        (jax.tree_util.keystr(path), leaf)
        for path, leaf in jax.tree_util.tree_flatten_with_path(tree)[0]
    ]


def _is_key(leaf: Any) -> bool:
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)


def _to_numpy(leaf: Any) -> np.ndarray:
    return np.asarray(jax.random.key_data(leaf) if _is_key(leaf) else leaf)


def _describe_leaf(leaf: Any) -> tuple[tuple[int, ...], str]:
    shape = jax.eval_shape(jax.random.key_data, leaf) if _is_key(leaf) else leaf
    return tuple(shape.shape), np.dtype(shape.dtype).name
