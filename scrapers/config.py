"""config/sources.yml: which platforms to collect from, and how; checked before anything is fetched.

Wrong values are answered with what is wrong and what to write instead.
"""

from __future__ import annotations

import difflib
import json
import re
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from lake.config import StrictModel, absent_is_empty
from lake.landing import digest
from scrapers.http.client import Limits
from scrapers.registry import Platform, PlatformSpec, load_platform, platform_names

SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]*")
TAKEN_PREFIXES = ("survey_", "extract_")
"""The loaders' sources are called so."""


class Politeness(StrictModel):
    """Overrides of a platform's politeness; what isn't given stays as its source.yml says."""

    min_interval_seconds: float | None = Field(default=None, ge=0, le=3600)
    timeout_seconds: float | None = Field(default=None, gt=0, le=600)
    response_seconds: float | None = Field(default=None, gt=0, le=3600)
    max_attempts: int | None = Field(default=None, ge=2, le=10)
    backoff_seconds: float | None = Field(default=None, ge=0, le=600)
    max_wait_seconds: float | None = Field(default=None, ge=0, le=7200)
    max_body_mb: float | None = Field(default=None, gt=0, le=1000)
    max_decoded_mb: float | None = Field(default=None, gt=0, le=4000)


class SourceConfig(StrictModel):
    """One source: a platform with the options that say whose voice to collect there."""

    platform: str
    enabled: bool = True
    base_url: str | None = None
    allow_private_hosts: bool = False
    redirect_hosts: tuple[str, ...] = ()
    permission: str | None = None
    unit_id: str | None = None
    first_day: date | None = None
    overlap_days: int | None = Field(default=None, ge=0, le=3650)
    options: dict[str, Any] = Field(default_factory=dict, validate_default=True)
    politeness: Politeness = Politeness()

    @field_validator("platform")
    @classmethod
    def _known_platform(cls, name: str) -> str:
        names = platform_names()
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            mend = f"Did you mean {close[0]}?" if close else f"Known platforms: {', '.join(names)}."
            raise ValueError(f"there is no platform {name!r}. {mend}")
        return name

    @field_validator("base_url")
    @classmethod
    def _usable_url(cls, url: str | None) -> str | None:
        if url is None:
            return None
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no address. Write it like https://www.example.org")
        if parts.username or parts.query or parts.fragment:
            raise ValueError(
                f"{url!r} holds more than scheme, host, port and path. Leave only those"
            )
        return url.rstrip("/")

    @field_validator("options")
    @classmethod
    def _known_options(cls, options: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        name = info.data.get("platform")
        if name is None:  # the platform is wrong already: say that alone
            return options
        model = load_platform(name).options
        try:
            model.model_validate(options)
        except ValidationError as error:
            raise ValueError(_option_faults(name, model, error)) from None
        return options

    @model_validator(mode="after")
    def _allowed(self) -> SourceConfig:
        spec = load_platform(self.platform).spec
        fault = access_fault(spec, self.permission) if self.enabled else None
        if fault:
            raise ValueError(fault)
        if not self.allow_private_hosts:
            pace = self.politeness.min_interval_seconds
            if pace is not None and pace < 1:
                raise ValueError(
                    "politeness.min_interval_seconds is under 1, which is for replicas only. Write "
                    "1 or more, or set allow_private_hosts: true if this is a replica"
                )
            if self.base_url is not None and urlsplit(self.base_url).scheme != "https":
                raise ValueError(
                    "base_url is not https. Write https://…, or set allow_private_hosts: true if "
                    "this is a replica"
                )
        return self

    def source(self) -> Platform:
        """The platform this source is on."""
        return load_platform(self.platform)

    def limits(self) -> Limits:
        """The platform's politeness with this source's overrides."""
        given = self.politeness.model_dump(exclude_none=True)
        return self.source().spec.politeness.model_copy(update=given)

    def spec_hash(self) -> str:
        """Changes when what is collected, or how it is read, changes; not with host or pace."""
        platform = self.source()
        parts = {
            "platform": platform.name,
            "declaration": platform.spec.identity,
            "options": platform.options.model_validate(self.options).model_dump(mode="json"),
            "unit_id": self.unit_id,
            "first_day": self.first_day,
        }
        return digest(json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False))


class SourcesFile(StrictModel):
    """config/sources.yml."""

    sources: Annotated[dict[str, SourceConfig], BeforeValidator(absent_is_empty)] = Field(
        default_factory=dict
    )

    @field_validator("sources")
    @classmethod
    def _plain_names(cls, sources: dict[str, SourceConfig]) -> dict[str, SourceConfig]:
        for name in sources:
            if name.startswith(TAKEN_PREFIXES):
                raise ValueError(f"{name!r} can't be a platform's source: files are named so")
            if not SOURCE_NAME.fullmatch(name):
                raise ValueError(
                    f"{name!r} can't be a source's name: it becomes a folder and an asset. Use "
                    "small letters, digits and _, beginning with a letter"
                )
        return sources


def access_fault(spec: PlatformSpec, permission: str | None) -> str | None:
    """Why a platform may not be crawled live; None when it may."""
    if spec.access == "by_permission" and not (permission or "").strip():
        return (
            f"{spec.title} may be crawled by permission only. State yours under permission: "
            "(who granted it, when, its reference), or set enabled: false"
        )
    return None


def _option_faults(name: str, model: type[StrictModel], error: ValidationError) -> str:
    known = ", ".join(sorted(model.model_fields))
    faults = []
    for item in error.errors():
        key = ".".join(str(part) for part in item["loc"])
        what = str(item["msg"]).removeprefix("Value error, ").rstrip(".")
        if item["type"] == "extra_forbidden":
            what = f"not an option of {name}; it knows {known}"
        elif item["type"] == "missing":
            what = f"required for {name}: add it"
        faults.append(f"{key}: {what}" if key else what)
    return "; ".join(faults)
