"""Scenarios as frozen dataclasses: fields with default, unit, range, source and mark.

Scenarios are read and checked here, at the edge of the program.
"""

import dataclasses
import functools
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    TypeVar,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

import annotated_types
import jax

from sagin.choices import Choice, Options, Span
from sagin.errors import ScenarioError
from sagin.inputs import escape_text, quote, read_text
from sagin.inputs.fields import anchor_paths, make_strict, parse_value

T = TypeVar("T")

Rule = tuple[str, Any, str, bool]
"""A check across fields: the dotted name of the field to blame, its value, the allowed values, and
whether the check fails.
"""

Mark = Literal["paper", "open", "erratum", "ours"]
"""Origin of a value: the paper prints it, leaves it open or misprints it, or the field goes beyond
the paper.
"""


@dataclasses.dataclass(frozen=True)
class Parameter(annotated_types.GroupedMetadata):
    """Description of a scenario's field.

    Pydantic enforces the range; the documentation is generated from the other attributes.
    """

    text: str
    """Meaning of the field, in one clause."""
    unit: str = ""
    """Unit as written; empty if the field has none."""
    symbol: str = ""
    """The paper's letter."""
    low: float | None = None
    """Smallest allowed value."""
    high: float | None = None
    """Largest allowed value."""
    above: float | None = None
    """Value that the field must exceed."""
    off_at_zero: bool = False
    """Whether 0 switches the field's option off: the program is then the one without the option."""
    source: str = ""
    """Clause, table or equation that gives the default."""
    mark: Mark = "paper"
    """Whether the paper prints the value, leaves it open or misprints it."""
    other: str = ""
    """Other readings of an open or misprinted value."""
    prior: Span | Options | None = None
    """Plausible values of an open field, from which readings of the paper are drawn; None keeps the
    default. They were set before any search; the claims page reports later changes.
    """
    is_path: bool = False
    """Whether the value is a file name; in a scenario file it is relative to that file."""
    quiet: bool = False
    """Whether plain data leaves out the default, so that older data stay valid."""

    def __iter__(self) -> Iterator[Any]:
        if self.above is not None:
            yield annotated_types.Gt(self.above)
        if self.low is not None:
            yield annotated_types.Ge(self.low)
        if self.high is not None:
            yield annotated_types.Le(self.high)
        yield _Description(self)

    @property
    def allowed(self) -> str:
        """The range in words, such as '1 to 20000 m'; empty if there is none."""
        unit = f" {self.unit}" if self.unit else ""
        least = self.above if self.low is None else self.low
        if least is None:
            return "" if self.high is None else f"at most {self.high:g}{unit}"
        if self.high is None:
            return f"{'more than' if self.low is None else 'at least'} {least:g}{unit}"
        return f"{'above ' if self.low is None else ''}{least:g} to {self.high:g}{unit}"


@dataclasses.dataclass(frozen=True)
class _Description:
    """Adds text, unit and source of a parameter to the JSON Schema of its field.

    Numbers, flags and times are never converted from text or from each other, except that an
    integer is accepted as a float.
    """

    parameter: Parameter

    def __get_pydantic_core_schema__(self, source: Any, handler: Callable[[Any], Any]) -> Any:
        return make_strict(handler(source))

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: Callable[[Any], Any]) -> Any:
        parameter = self.parameter
        unit = f" [{parameter.unit}]" if parameter.unit else ""
        return {
            **handler(core_schema),
            "description": f"{parameter.text}{unit}",
            "x-mark": parameter.mark,
            "x-source": parameter.source,
        }


@dataclass_transform(frozen_default=True, kw_only_default=True)
def section(cls: type[T]) -> type[T]:
    """Turn a class into a frozen scenario section and a pytree.

    Floats and nested sections are traced. All other fields are static, and so is a float that is
    off. A sweep over numbers is then a `vmap` and compiles once; a change of a count, flag or name
    compiles again.
    """
    frozen = dataclasses.dataclass(frozen=True, kw_only=True)(cls)
    config = {"extra": "forbid", "allow_inf_nan": False}
    frozen.__pydantic_config__ = config  # type: ignore[attr-defined]
    hints = get_type_hints(frozen)
    traced = [name for name, hint in hints.items() if _is_traced(hint)]
    static = [name for name in hints if name not in traced]
    switches = [name for name, parameter, _ in list_fields(frozen) if parameter.off_at_zero]
    _register(frozen, traced, static, switches)
    return frozen


def is_off(value: Any) -> bool:
    """Return whether a field with `Parameter.off_at_zero` is off: an untraced number that is 0."""
    return isinstance(value, int | float) and value == 0


def _register(cls: type, traced: list[str], static: list[str], switches: list[str]) -> None:
    """Register a class as a pytree that is rebuilt without its constructor.

    JAX puts tracers into fields annotated as float.
    """

    def is_traced(value: Any, name: str) -> bool:
        part = getattr(value, name)
        return not is_off(part) if name in switches else name in traced or isinstance(part, Choice)

    def flatten(value: Any) -> tuple[list[tuple[Any, Any]], tuple[Any, ...]]:
        moving = [name for name in (*traced, *static) if is_traced(value, name)]
        fixed = [name for name in (*traced, *static) if name not in moving]
        parts = [(jax.tree_util.GetAttrKey(name), getattr(value, name)) for name in moving]
        return parts, (tuple((name, getattr(value, name)) for name in fixed), tuple(moving))

    def rebuild(names: tuple[Any, ...], parts: Iterable[Any]) -> Any:
        value, (fixed, moving) = object.__new__(cls), names
        for name, part in (*fixed, *zip(moving, parts, strict=True)):
            object.__setattr__(value, name, part)
        return value

    jax.tree_util.register_pytree_with_keys(cls, flatten, rebuild)


def _is_traced(hint: Any) -> bool:
    if dataclasses.is_dataclass(hint) or hint is float:
        return True
    return get_origin(hint) is not Literal and any(_is_traced(part) for part in get_args(hint))


def list_fields(cls: type, prefix: str = "") -> Iterator[tuple[str, Parameter, Any]]:
    """Yield (dotted name, parameter, default) of every parameter of a section class.

    Nested sections are included, also optional ones.
    """
    hints = get_type_hints(cls, include_extras=True)
    for field in dataclasses.fields(cls):
        hint, default = hints[field.name], field.default
        if field.default_factory is not dataclasses.MISSING:
            default = field.default_factory()
        if part := _find_section(hint):
            yield from list_fields(part, f"{prefix}{field.name}.")
        elif get_origin(hint) is Annotated:
            yield from (
                (f"{prefix}{field.name}", meta, default)
                for meta in hint.__metadata__
                if isinstance(meta, Parameter)
            )


def _find_section(hint: Any) -> Any:
    """Return the section class in an annotation, alone or as an optional; otherwise None."""
    parts = [part for part in get_args(hint) if part is not type(None)]
    part = parts[0] if len(parts) == 1 and get_origin(hint) is UnionType else hint
    return part if isinstance(part, type) and dataclasses.is_dataclass(part) else None


@functools.cache
def _adapter(cls: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(cls)


def read(cls: type[T], values: Mapping[str, Any], origin: str = "scenario") -> T:
    """Read a scenario from a nested mapping; missing fields take their defaults.

    Raises:
        ScenarioError: one line names the place `origin`, the field, its value and the allowed
            range.
    """
    from pydantic import ValidationError

    try:
        return _adapter(cls).validate_python(dict(values))
    except ValidationError as error:
        raise ScenarioError(_one_line(cls, error.errors()[0], origin)) from None


def _one_line(cls: type, error: Mapping[str, Any], origin: str) -> str:
    known = {name: parameter for name, parameter, _ in list_fields(cls)}
    path = [str(part) for part in error["loc"]]
    name = next(
        (".".join(path[:n]) for n in range(len(path), 0, -1) if ".".join(path[:n]) in known),
        ".".join(path),
    )
    if error["type"] == "unexpected_keyword_argument":
        parent = ".".join(path[:-1])
        tails = [key[len(parent) :].lstrip(".") for key in known if key.startswith(parent)]
        siblings = sorted({tail.split(".")[0] for tail in tails})
        return f"{origin}: unknown field {quote(name)}; allowed there: {', '.join(siblings)}"
    # pydantic quotes values of its own in some messages
    message = escape_text(error["msg"][0].lower() + error["msg"][1:], 200)
    allowed = known[name].allowed if name in known else ""
    field = f"{origin}: field {quote(name)}: {quote(error['input'])} is not allowed"
    return f"{field}: {message}" + (f" (allowed: {allowed})" if allowed else "")


def read_toml(cls: type[T], path: Path, overrides: tuple[str, ...] = ()) -> T:
    """Read a scenario from a TOML file, with `section.field=value` overrides.

    Paths in the file are relative to it; paths in overrides are relative to the working folder.
    """
    try:
        values = tomllib.loads(read_text(path, ScenarioError))
    except (ValueError, RecursionError) as error:
        if isinstance(error, ScenarioError):
            raise
        reason = escape_text(str(error), 200)
        raise ScenarioError(f"{path}: not valid TOML: {reason}") from None
    anchored = _anchor_paths(cls, values, path.parent)
    return read(cls, _anchor_paths(cls, apply_overrides(anchored, overrides)), str(path))


def _anchor_paths(cls: type, values: Mapping[str, Any], folder: Path = Path()) -> dict[str, Any]:
    """Return the mapping with its paths made absolute, relative to a folder."""
    names = [name for name, parameter, _ in list_fields(cls) if parameter.is_path]
    return anchor_paths(values, names, folder)


def read_built_in(
    cls: type[T],
    scenarios: Mapping[str, tuple[str, Mapping[str, Any]]],
    name: str,
    overrides: tuple[str, ...] = (),
) -> T:
    """Return a built-in scenario by name, with overrides.

    The table holds, by name, a description and the fields that differ from the defaults.
    """
    if name not in scenarios:
        raise ScenarioError(f"scenario {quote(name)}: unknown; allowed: {', '.join(scenarios)}")
    changed = apply_overrides(scenarios[name][1], overrides)
    return read(cls, _anchor_paths(cls, changed), f"scenario {name}")


def check_rules(scenario: T, rules: Iterable[Rule], origin: str = "scenario") -> T:
    """Return the scenario if it violates no rule.

    Raises:
        ScenarioError: one line names field, value and the allowed values.
    """
    for name, value, allowed, broken in rules:
        if broken:
            # a path's end says more than its beginning
            text = f"'{escape_text(value, 300)}'" if isinstance(value, str) else quote(value)
            raise ScenarioError(
                f"{origin}: field '{name}': {text} is not allowed (allowed: {allowed})"
            )
    return scenario


def apply_overrides(
    values: Mapping[str, Any], overrides: tuple[str, ...], option: str = "--set"
) -> dict[str, Any]:
    """Return the mapping with each `section.field=value` applied.

    A value is TOML, or otherwise a bare string. Errors name the option.
    """
    merged = dict(values)
    for item in overrides:
        name, equals, text = item.partition("=")
        if not equals or not name.strip():
            raise ScenarioError(f"{option} {quote(item)}: expected section.field=value")
        *parents, leaf = name.strip().split(".")
        table = merged
        for parent in parents:
            inner = table.get(parent, {})
            if not isinstance(inner, Mapping):
                raise ScenarioError(
                    f"{option} {quote(item)}: {quote(parent)} is a field, not a section"
                )
            # only the tables on the way are copied: others' values stay as they are
            table[parent] = table = dict(inner)
        table[leaf] = parse_value(text.strip())
    return merged


def vary_fields(scenario: T, overrides: Iterable[str], check: Callable[[T], T]) -> T:
    """Return the scenario with some `section.field=value` changed, after its `check`.

    Without overrides, the scenario itself is returned.
    """
    if not (changes := tuple(overrides)):
        return scenario
    return check(read(type(scenario), apply_overrides(to_mapping(scenario), changes)))


def to_mapping(scenario: Any) -> dict[str, Any]:
    """Return the scenario as nested plain values for TOML and JSON.

    Fields that are None, or quiet and at their default, are left out, and sections with no other
    field.
    """
    plain = _adapter(type(scenario)).dump_python(scenario, mode="json")
    return _select_values(plain, _list_quiet(type(scenario)))


@functools.cache
def _list_quiet(cls: type) -> Mapping[str, Any]:
    return {name: default for name, parameter, default in list_fields(cls) if parameter.quiet}


def _select_values(values: Any, quiet: Mapping[str, Any], part: str = "") -> dict[str, Any]:
    selected = {}
    for key, value in values.items():
        if isinstance(value, dict):
            value = _select_values(value, quiet, f"{part}{key}.") or None
        if value is not None and value != quiet.get(part + key):
            selected[key] = value
    return selected


def to_toml(scenario: Any) -> str:
    """Return the scenario as TOML; comments give text, unit, range, source and mark of each field.

    An absent optional section is left out.
    """
    values = _adapter(type(scenario)).dump_python(scenario, mode="json")
    lines, current = list[str](), ""
    # fields without a section have to come before the first section
    for name, parameter, _ in sorted(list_fields(type(scenario)), key=lambda row: "." in row[0]):
        *parents, leaf = name.split(".")
        table: Any = functools.reduce(lambda part, key: part and part[key], parents, values)
        if table is None:
            continue
        if (header := ".".join(parents)) != current:
            lines += ["", f"[{header}]"]
            current = header
        value = table[leaf]
        notes = [parameter.text, parameter.unit and f"[{parameter.unit}]"]
        notes += [parameter.allowed and f"({parameter.allowed})"]
        notes += [parameter.source and f"— {parameter.source}", f"<{parameter.mark}>"]
        text = _write_value(value)
        text = f"# {leaf} =" if value is None else f"{leaf} = {text}"
        lines.append(f"{text}  # {' '.join(note for note in notes if note)}")
    return "\n".join(lines).lstrip("\n") + "\n"


def _write_value(value: Any) -> str:
    """Return a plain value as TOML; a section takes one line, without empty fields."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    pairs = (f"{key} = {_write_value(part)}" for key, part in value.items() if part is not None)
    return f"{{ {', '.join(pairs)} }}"


def make_schema(cls: type) -> dict[str, Any]:
    """Return the JSON Schema of a scenario class."""
    return _adapter(cls).json_schema()
