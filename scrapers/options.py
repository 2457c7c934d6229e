"""The options of a source (sources.yml), checked against what its platform declares."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from scrapers.spec import OptionSpec, PlatformSpec

OptionValues = dict[str, str | tuple[str, ...] | None]
"""Option -> its text, a tuple of texts where several may be given, None where it is not given."""


class OptionError(ValueError):
    """Options that can't be used; the message names each and what to write."""


def read_options(platform: str, spec: PlatformSpec, given: Mapping[str, Any]) -> OptionValues:
    """The options with their defaults. Raises OptionError with every fault found."""
    faults = [_unknown(platform, spec, name) for name in given if name not in spec.options]
    values: OptionValues = {}
    for name, option in spec.options.items():
        try:
            values[name] = _value(option, given.get(name))
        except ValueError as error:
            faults.append(f"{name}: {error}")
        else:
            if option.required and not values[name]:
                faults.append(f"{name}: required for {platform}: add it ({option.about})")
    if spec.one_of and not faults and not any(values.get(name) for name in spec.one_of):
        faults.append(
            f"nothing narrows what is collected. Give at least one of {', '.join(spec.one_of)}: "
            + "; ".join(f"{name} is {spec.options[name].about}" for name in spec.one_of)
        )
    if faults:
        raise OptionError("; ".join(faults))
    return values


def _unknown(platform: str, spec: PlatformSpec, name: str) -> str:
    close = difflib.get_close_matches(name, spec.options, n=1)
    if close:
        return f"{name}: not an option of {platform}. Did you mean {close[0]}?"
    known = ", ".join(sorted(spec.options)) or "none"
    return f"{name}: not an option of {platform}; it knows {known}"


def _value(option: OptionSpec, given: Any) -> str | tuple[str, ...] | None:
    if given is None:
        return option.default
    if isinstance(given, (list, tuple)):
        if not option.many:
            raise ValueError("takes one value, not a list")
        return tuple(_one(option, value) for value in given)
    return (_one(option, given),) if option.many else _one(option, given)


def _one(option: OptionSpec, given: Any) -> str:
    if given is False:  # YAML reads a bare `no` so: Norway's storefront, for one
        raise ValueError('a bare no means false in YAML. Write it in quotes: "no"')
    if isinstance(given, bool) or not isinstance(given, (str, int, float)):
        raise ValueError(f"takes a text or a number, not a {type(given).__name__}")
    text = str(given).strip()
    if option.lower:
        text = text.lower()
    if option.strip_prefix:
        text = text.removeprefix(option.strip_prefix)
    if not text:
        raise ValueError("is empty")
    if option.pattern is not None and not re.fullmatch(option.pattern, text):
        raise ValueError(f"{text!r} is not {option.about}")
    if option.choices and text not in option.choices:
        raise ValueError(f"{text!r} is none of {', '.join(option.choices)}")
    return text
