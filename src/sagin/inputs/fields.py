"""Fields of scenarios in files: strict kinds of values, and paths."""

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


def make_strict(schema: Any) -> Any:
    """Return a pydantic schema whose numbers, flags and times are strict, at any depth.

    No number is a negative zero.
    """
    if isinstance(schema, list):
        return [make_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: make_strict(part) for name, part in schema.items() if name != "metadata"}
    strict: Any = {**parts, **({"metadata": schema["metadata"]} if "metadata" in schema else {})}
    if schema.get("type") in ("int", "bool"):
        return {**strict, "strict": True}
    if schema.get("type") == "float":
        from pydantic_core import core_schema

        # a negative zero is zero: a division by it has the wrong sign
        strict["strict"] = True
        return core_schema.no_info_after_validator_function(lambda number: number + 0.0, strict)
    if schema.get("type") == "datetime":
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(_check_time, strict)
    return strict


def _check_time(value: Any) -> Any:
    """Return a value that is written as a time; pydantic would accept a number of seconds."""
    is_number = isinstance(value, int | float)
    if is_number or (isinstance(value, str) and not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)):
        raise ValueError("a time such as 2024-10-07T12:00:00Z is expected")
    return value


def anchor_paths(values: Mapping[str, Any], names: Iterable[str], folder: Path) -> dict[str, Any]:
    """Return nested tables with the paths of some fields made absolute, relative to a folder."""
    anchored = dict(values)
    for name in names:
        parent, _, leaf = name.rpartition(".")
        table = anchored.get(parent)
        if isinstance(table, Mapping) and isinstance(table.get(leaf), str):
            anchored[parent] = {**table, leaf: os.path.abspath(folder / table[leaf])}
    return anchored


def parse_value(text: str) -> Any:
    """Return the TOML value of a text, or else the text itself."""
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return parsed["value"] if len(parsed) == 1 else text


def accept_instances(cls: type) -> Any:
    """Return the pydantic schema of a class whose instances come only from Python.

    They are written by their name.
    """
    from pydantic_core import core_schema

    def check(value: Any) -> Any:
        if not isinstance(value, cls):
            raise ValueError(f"a {cls.__name__} is passed from Python")
        return value

    to_name = core_schema.plain_serializer_function_ser_schema(lambda value: value.name)
    return core_schema.no_info_plain_validator_function(check, serialization=to_name)
