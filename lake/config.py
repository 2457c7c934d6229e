"""Reading a deployment's YAML: typed models in, one message per problem out.

A message names the file and line, the key, what is wrong, and what to write instead.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

Model = TypeVar("Model", bound=BaseModel)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The one in C, which is ten times faster, where PyYAML was built with it."""


class StrictModel(BaseModel):
    """A configuration model: unknown keys are errors, never silently absorbed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def absent_is_empty(value: Any) -> Any:
    """A key with nothing after it (`surveys:`) holds nothing. For mappings, as BeforeValidator."""
    return {} if value is None else value


@dataclass(frozen=True)
class Problem:
    """One thing wrong in one file: where, what, and the mend."""

    file: Path
    line: int | None
    key: str
    what: str
    mend: str

    def __str__(self) -> str:
        where = f"{self.file}" + (f", line {self.line}" if self.line else "")
        key = f", key {self.key}" if self.key else ""
        return f"{where}{key}: {self.what} {self.mend}".strip()


class UsageError(Exception):
    """What a person asked for can't be done; the message says why, and what to ask instead."""


class NotNowError(Exception):
    """What a person asked for can't be done yet; the message says what it waits for."""


class ConfigError(Exception):
    """Configuration that can't be used; `problems` holds every fault found, not just the first."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(p) for p in problems))
        self.problems = problems


def load_yaml(
    path: Path,
    model: type[Model],
    *,
    missing_ok: bool = False,
    context: Mapping[str, Any] | None = None,
) -> Model:
    """Read `path` into `model`, whose validators are given `context`.

    Raises ConfigError with a Problem for every fault.
    """
    try:
        if not path.exists():
            if missing_ok:
                return _validate(path, model, {}, {}, context)
            mend = "Write it, or run `voc init` to get a commented one."
            raise ConfigError([Problem(path, None, "", "the file does not exist.", mend)])
        text = path.read_text(encoding="utf-8-sig")
        node = yaml.compose(text, Loader=_LOADER)
        data = yaml.load(text, Loader=_LOADER)  # noqa: S506 - it is a safe one
    except OSError as error:
        what = f"it can't be read ({error.strerror or error})."
        mend = "It has to be a file that the user who runs voc may read."
        raise ConfigError([Problem(path, None, "", what, mend)]) from error
    except UnicodeDecodeError as error:
        what = f"not UTF-8 (byte {error.start})."
        raise ConfigError([Problem(path, None, "", what, "Save it as UTF-8.")]) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = f"not valid YAML: {getattr(error, 'problem', error)}."
        mend = "Check the indentation and the quotes there."
        line = mark.line + 1 if mark else None
        raise ConfigError([Problem(path, line, "", what, mend)]) from error
    except ValueError as error:
        mend = "Mend it, or put it in quotes if it is a text."
        what = f"it holds a date or number that does not exist ({error})."
        raise ConfigError([Problem(path, None, "", what, mend)]) from error
    if data is None:
        data = {}
    if not isinstance(data, dict):
        what = f"the file holds a {type(data).__name__}, not keys with values."
        raise ConfigError([Problem(path, 1, "", what, "Start it with `key: value` lines.")])
    twice = _keys_twice(path, node)
    try:
        found = _validate(path, model, data, _lines(node), context)
    except ConfigError as error:
        raise ConfigError([*twice, *error.problems]) from error
    if twice:
        raise ConfigError(twice)
    return found


def _validate(
    path: Path,
    model: type[Model],
    data: Mapping[str, Any],
    lines: Mapping[str, int],
    context: Mapping[str, Any] | None,
) -> Model:
    try:
        return model.model_validate(data, context=context)
    except ValidationError as error:
        problems = [_problem(path, lines, model, dict(e)) for e in error.errors()]
        raise ConfigError(problems) from error


def _problem(
    path: Path, lines: Mapping[str, int], model: type[BaseModel], error: dict[str, Any]
) -> Problem:
    loc = [str(part) for part in error["loc"] if not str(part).startswith(("function-", "tagged-"))]
    is_key = loc[-1:] == ["[key]"]
    if is_key:
        loc[-2:] = [str(error["input"])]
    key = ".".join(loc)
    line = next(
        (lines[k] for k in (".".join(loc[:n]) for n in range(len(loc), 0, -1)) if k in lines), None
    )
    kind, message = error["type"], str(error["msg"]).removeprefix("Value error, ").rstrip(".")
    if kind == "extra_forbidden":
        known = _known_keys(model, loc[:-1])
        close = difflib.get_close_matches(loc[-1], known, n=1)
        mend = f"Did you mean `{close[0]}`?" if close else f"Known keys: {', '.join(known)}."
        return Problem(path, line, key, "this key is not known.", mend)
    if kind == "missing":
        return Problem(path, line, key, "this key is required.", f"Add `{loc[-1]}: …`.")
    if kind == "value_error":
        end = "" if message.endswith(("?", "!")) else "."
        return Problem(path, line, key, f"{message}{end}", "")
    if is_key and kind == "string_type":
        what = f"YAML takes this key for {_kind(error['input'])}, not for a text."
        mend = f'Put it in quotes: "{loc[-1]}".' if key in lines else "Put it in quotes."
        return Problem(path, line, key, what, mend)
    given = error.get("input")
    found = repr(given)
    if len(found) > 60:
        found = found[:57] + "…"
    mend = _as_written(kind, given) or f"{message}."
    return Problem(path, line, key, f"{found} can't be used.", mend)


def _as_written(kind: str, given: Any) -> str | None:
    """What to write where a value is of another shape than YAML reads; None to leave it at that."""
    if kind in ("tuple_type", "list_type"):
        one = isinstance(given, str) and ", " not in given and not set(given) & set("[]{}'\"#@:")
        return f"Write it as a list: [{given}]." if one else "Write it as a list: [first, second]."
    if kind in ("string_type", "model_type") and isinstance(given, bool | int | float | date):
        return f"YAML takes it for {_kind(given)}, not for a text: put it in quotes."
    if kind in ("dict_type", "model_type"):
        return "Write `key: value` lines below it."
    return None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "a yes or no"
    return "a number" if isinstance(value, int | float) else "a date or something else"


def _known_keys(model: type[BaseModel], loc: list[str]) -> list[str]:
    current: Any = model
    for part in loc:
        current = _member(current, part)
    found = next(_models(current), None)
    fields = {} if found is None else found.model_fields
    return sorted(field.alias or name for name, field in fields.items())


def _member(annotation: Any, part: str) -> Any:
    """The type of what stands below `part`: a model's field, or any member of a dict or a list."""
    if get_origin(annotation) in (dict, list, tuple):
        return get_args(annotation)[-1 if get_origin(annotation) is dict else 0]
    for model in _models(annotation):
        tag = model.model_fields.get("kind")
        if tag is not None and part in get_args(tag.annotation):  # which of several kinds it is
            return model
        if part in model.model_fields:
            return model.model_fields[part].annotation
    return next((_member(a, part) for a in get_args(annotation) if get_origin(a) is dict), None)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type may be."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) not in (dict, list, tuple):
        for arg in get_args(annotation):
            yield from _models(arg)


def _keys_twice(path: Path, root: yaml.Node | None) -> list[Problem]:
    """A Problem for every key that its mapping holds already: YAML would keep the last alone."""
    problems: list[Problem] = []
    passed: set[int] = set()  # an alias is its anchor's own node

    def walk(node: yaml.Node | None, prefix: str) -> None:
        if id(node) in passed:
            return
        passed.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            for index, item in enumerate(node.value):
                walk(item, f"{prefix}{index}.")
        if not isinstance(node, yaml.MappingNode):
            return
        first: dict[tuple[str, str], int] = {}
        for key_node, value_node in node.value:
            name, line = (key_node.tag, str(key_node.value)), key_node.start_mark.line + 1
            if name in first:
                what = f"this key stands twice, on lines {first[name]} and {line}."
                mend = "Keep one of them, with what belongs to both."
                problems.append(Problem(path, line, f"{prefix}{name[1]}", what, mend))
            first.setdefault(name, line)
            walk(value_node, f"{prefix}{name[1]}.")

    walk(root, "")
    return problems


def _lines(node: yaml.Node | None, prefix: str = "", above: tuple[int, ...] = ()) -> dict[str, int]:
    found: dict[str, int] = {}
    if id(node) in above:  # an alias inside its own anchor
        return found
    above = (*above, id(node))
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            key = f"{prefix}{key_node.value}"
            found[key] = key_node.start_mark.line + 1
            found |= _lines(value_node, f"{key}.", above)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            found[f"{prefix}{index}"] = item.start_mark.line + 1
            found |= _lines(item, f"{prefix}{index}.", above)
    return found
