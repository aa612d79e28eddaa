"""Checkpoints are restored bit for bit, run no code, and refuse damage in one line with the file's
name.
"""

import gzip
import hashlib
import json
import pickle
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagin.errors import StoreError
from sagin.learning import checkpoint

TREE = {
    "key": jax.ShapeDtypeStruct((), jax.random.key(0).dtype),
    "ring": (jax.ShapeDtypeStruct((4, 3), jnp.float32), jax.ShapeDtypeStruct((), jnp.int32)),
    "over": jax.ShapeDtypeStruct((4,), bool),
    "none": jax.ShapeDtypeStruct((0, 2), jnp.bfloat16),
}
ABOUT = {"done": 300, "best": 0.1 + 0.2, "text": "ε"}


def tree():
    numbers = (
        jax.random.normal(jax.random.key(1), (4, 3)).at[0].set(jnp.array([jnp.nan, -0.0, jnp.inf]))
    )
    return {
        "key": jax.random.key(7),
        "ring": (numbers, jnp.asarray(5)),
        "over": jnp.array([True, False, False, True]),
        "none": jnp.zeros((0, 2), jnp.bfloat16),
    }


def refusal(path: Path, like=TREE) -> str:
    """Return the line with which a file is refused."""
    with pytest.raises(StoreError) as found:
        checkpoint.load(path, like)
    (line,) = str(found.value).splitlines()
    assert str(path) in line
    return line


def forged(path: Path, text: bytes, data: bytes = b"") -> None:
    """Write a file with a valid checksum, whatever its header."""
    path.write_bytes(
        checkpoint.MAGIC
        + f"{len(text)}\n".encode()
        + text
        + hashlib.sha256(text).hexdigest().encode()
        + data
    )


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("kept") / "a.sagin"
    checkpoint.save(path, tree(), ABOUT)
    return path.read_bytes()


def test_a_packed_file_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb"
    path.write_bytes(gzip.compress(bytes(2**24)))
    with pytest.raises(StoreError, match="packed by gzip"):
        checkpoint.read_metadata(path)


def test_what_is_saved_comes_back_bit_for_bit(tmp_path, content):
    path = tmp_path / "a.sagin"
    path.write_bytes(content)
    back = checkpoint.load(path, TREE)
    assert checkpoint.read_metadata(path) == ABOUT
    assert jax.random.key_data(back["key"]).tolist() == jax.random.key_data(tree()["key"]).tolist()
    for one, two in zip(
        jax.tree.leaves(back | {"key": 0}), jax.tree.leaves(tree() | {"key": 0}), strict=True
    ):
        assert np.asarray(one).tobytes() == np.asarray(two).tobytes()
        assert jnp.asarray(one).dtype == jnp.asarray(two).dtype
    checkpoint.save(tmp_path / "b.sagin", back, ABOUT)
    assert (tmp_path / "b.sagin").read_bytes() == content
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


@given(st.data())
def test_any_other_bit_and_any_other_length_are_refused(content, tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "damaged.sagin"
    place = data.draw(st.integers(0, len(content) - 1))
    bit = data.draw(st.integers(0, 7))
    path.write_bytes(content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :])
    refusal(path)
    path.write_bytes(content[:place])
    refusal(path)
    path.write_bytes(content + content[: place + 1])
    refusal(path)


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b"null",
        b"not JSON",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"about": {}, "leaves": [], "sha256": 5}',
        b'{"about": {}, "leaves": [5], "sha256": ""}',
        b'{"about": {}, "leaves": [{"name": "x", "shape": 3, "type": "float32"}], "sha256": ""}',
        b'{"about": 7, "leaves": [], "sha256": ""}',
    ],
)
def test_headers_that_say_something_else_are_refused(tmp_path, text):
    forged(tmp_path / "a.sagin", text)
    assert "damaged" in refusal(tmp_path / "a.sagin")


@pytest.mark.parametrize("data", [b"", b"\x00" * 3, b"\x00" * 400])
def test_too_few_or_too_many_bytes_with_a_checksum_that_fits_are_refused(tmp_path, content, data):
    number, _, rest = content[len(checkpoint.MAGIC) :].partition(b"\n")
    header = json.loads(rest[: int(number)]) | {"sha256": hashlib.sha256(data).hexdigest()}
    forged(tmp_path / "a.sagin", json.dumps(header).encode(), data)
    assert f"{len(data)} bytes" in refusal(tmp_path / "a.sagin")


@pytest.mark.parametrize(
    ("bytes_", "says"),
    [
        (b"", "not a checkpoint"),
        (b"{}", "not a checkpoint"),
        (pickle.dumps({"a": 1}), "not a checkpoint"),
        (checkpoint.MAGIC, "damaged"),
        (checkpoint.MAGIC + b"9" * 5000 + b"\n{}", "damaged"),
        (checkpoint.MAGIC + b"99999999\n{}", "damaged"),
        (checkpoint.MAGIC + b"-1\n{}", "damaged"),
        (checkpoint.MAGIC.replace(b"1", b"2") + b"2\n{}", "another format"),
    ],
)
def test_other_files_are_refused(tmp_path, bytes_, says):
    path = tmp_path / "a.sagin"
    path.write_bytes(bytes_)
    assert says in refusal(path)


def test_no_file_and_a_folder_are_refused(tmp_path):
    assert "No such file" in refusal(tmp_path / "none.sagin")
    assert "it is a folder" in refusal(tmp_path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"ring": (jax.ShapeDtypeStruct((4, 2), jnp.float32), TREE["ring"][1])},
            ("(4, 3)", "(4, 2)"),
        ),
        (
            {"ring": (jax.ShapeDtypeStruct((4, 3), jnp.float16), TREE["ring"][1])},
            ("float32", "float16"),
        ),
        ({"more": jax.ShapeDtypeStruct((), jnp.int32)}, ("more",)),
        ({"zzz": jax.ShapeDtypeStruct((), jnp.int32)}, ("5 arrays instead of 6",)),
    ],
)
def test_arrays_of_other_settings_are_refused(tmp_path, content, change, says):
    path = tmp_path / "a.sagin"
    path.write_bytes(content)
    line = refusal(path, TREE | change)
    assert "written with other settings" in line
    assert all(part in line for part in says)


def test_reading_knows_no_way_to_run_code():
    text = Path(checkpoint.__file__).read_text()
    assert not any(
        word in text
        for word in ("pickle", "eval(", "exec(", "np.load", "import_module", "__import__")
    )
