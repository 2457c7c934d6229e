"""config/sources.yml: which platforms to collect from, and how; checked before anything is fetched.

Wrong values are answered with what is wrong and what to write instead.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from base64 import b64encode
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from lake.config import StrictModel, absent_is_empty
from lake.landing import digest
from scrapers.http.asking import Limits
from scrapers.http.mask import Mask
from scrapers.options import OptionValues, read_options
from scrapers.registry import Platform, Platforms
from scrapers.spec import TEMPLATE, Access, Bounds, PlatformSpec, RequestSpec

SOURCE_NAME = re.compile(r"[a-z][a-z0-9_]*")
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
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
    breaker_after: int | None = Field(default=None, ge=1, le=20)


class SourceConfig(StrictModel):
    """One source: a platform with the options that say whose voice to collect there.

    `units` maps the values of the option that a platform repeats its requests for (a shop's id) to
    units; `unit_id` is the unit of everything else. `archive_days` is how long the fetched pages
    are kept (None: for good), `archive_mask` masks phones, mails and cards in them, too.
    """

    platform: str
    enabled: bool = True
    base_url: str | None = None
    allow_private_hosts: bool = False
    redirect_hosts: tuple[str, ...] = ()
    permission: str | None = None
    secret_env: str | None = None
    unit_id: str | None = None
    units: dict[str, str] = Field(default_factory=dict)
    first_day: date | None = None
    overlap_days: int | None = Field(default=None, ge=0, le=3650)
    options: dict[str, Any] = Field(default_factory=dict)
    bounds: dict[str, Bounds] = Field(default_factory=dict)
    archive_days: int | None = Field(default=None, ge=1)
    archive_mask: bool = False
    politeness: Politeness = Politeness()

    _platform: Platform = PrivateAttr()
    _options: OptionValues = PrivateAttr()

    @field_validator("platform")
    @classmethod
    def _known_platform(cls, name: str, info: ValidationInfo) -> str:
        names = _platforms(info).names()
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
        if name is not None:  # the platform is wrong already: say that alone
            read_options(name, _platforms(info).load(name).spec, options)
        return options

    @field_validator("bounds")
    @classmethod
    def _known_bounds(cls, bounds: dict[str, Bounds], info: ValidationInfo) -> dict[str, Bounds]:
        name = info.data.get("platform")
        if name is None:
            return bounds
        known = _platforms(info).load(name).spec.records
        unknown = sorted(set(bounds) - set(known))
        if unknown:
            raise ValueError(f"no record {', '.join(unknown)}; there is {', '.join(known)}")
        for record, limits in bounds.items():
            stray = sorted(set(limits.fill) - known[record].landed)
            if stray:
                has = ", ".join(sorted(known[record].landed))
                raise ValueError(f"{record} has no column {', '.join(stray)}; it has {has}")
        return bounds

    @field_validator("secret_env", mode="before")
    @classmethod
    def _a_name(cls, name: Any) -> Any:
        """A key that was written here by mistake is not told again."""
        if isinstance(name, str) and not VARIABLE.fullmatch(name):
            raise ValueError(
                "this is no name of an environment variable. Write its name (capitals, digits and "
                "_, like ZENDESK_TOKEN), and put the key into the environment, never in here"
            )
        return name

    @model_validator(mode="after")
    def _allowed(self, info: ValidationInfo) -> SourceConfig:
        self._platform = _platforms(info).load(self.platform)
        self._options = read_options(self.platform, self._platform.spec, self.options)
        requests = self._platform.spec.requests.values()
        if self.units and not any(r.each or r.paging.kind == "addresses" for r in requests):
            raise ValueError(
                f"units has nothing to map: {self.platform} repeats no request for several values "
                "of an option. Leave it out, and write unit_id"
            )
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
        return self._platform

    def values(self) -> OptionValues:
        """The options with the platform's defaults."""
        return self._options

    def address(self) -> str:
        """Where the source's pages are: its own base_url, or the platform's with its options."""
        told = self.base_url or TEMPLATE.sub(
            lambda found: str(self._options.get(found[1]) or ""), self.source().spec.base_url
        )
        return told.rstrip("/")

    def limits(self) -> Limits:
        """The platform's politeness with this source's overrides."""
        given = self.politeness.model_dump(exclude_none=True)
        return self.source().spec.politeness.model_copy(update=given)

    def limits_of(self, record: str) -> Bounds:
        """What a night of `record` should look like: the platform's bounds, then the source's."""
        declared = self.source().spec.bounds.get(record, Bounds())
        own = self.bounds.get(record)
        if own is None:
            return declared
        return declared.model_copy(update=own.model_dump(exclude_unset=True))

    def refusal(self, request: RequestSpec) -> str | None:
        """Why a request may not be made live; None when it may."""
        return access_fault(self.source().spec, request.access, self.permission, self.secret_env)

    def archive_rules(self) -> Mask | None:
        """What of a page is masked before it is archived; None where its exact bytes are kept."""
        rules = self.source().spec.archive
        if not (rules.mask_fields or rules.mask_selectors or self.archive_mask):
            return None
        return Mask(rules.mask_fields, rules.mask_selectors, self.archive_mask)

    def secret_headers(self) -> dict[str, str]:
        """The header of an own account, its key read from the environment; nothing otherwise."""
        credential = self.source().spec.credential
        if credential is None or self.secret_env is None:
            return {}
        secret = os.environ.get(self.secret_env, "")
        if credential.basic:
            secret = b64encode(secret.encode()).decode()
        return {credential.header: credential.value.replace("{secret}", secret)}

    def spec_hash(self) -> str:
        """Changes when what is collected, or how it is read, changes; not with host or pace."""
        platform = self.source()
        parts = {
            "platform": platform.name,
            "declaration": platform.spec.identity,
            "options": self._options,
            "unit_id": self.unit_id,
            "units": self.units,
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


def access_fault(
    spec: PlatformSpec, access: Access | None, permission: str | None, secret_env: str | None
) -> str | None:
    """Why a platform's request (with its own `access`, or the platform's) may not go live."""
    mode = access or spec.access
    if mode == "by_permission" and not (permission or "").strip():
        return (
            f"{spec.title}: live by permission only. State yours under permission: in sources.yml "
            "(who granted it, when, its reference); until then only what is dropped into "
            "landing/platforms/<source>/ is read."
        )
    if mode == "own_account":
        if secret_env is None:
            return (
                f"{spec.title} is asked with your account's key. Name the environment variable "
                "that holds it under secret_env: in sources.yml."
            )
        if not os.environ.get(secret_env):
            return f"{spec.title} is asked with your account's key, and {secret_env} is not set."
    return None


def _platforms(info: ValidationInfo) -> Platforms:
    """The folders that the reader of the config looks in; the shipped ones where it names none."""
    found = (info.context or {}).get("platforms")
    return found if isinstance(found, Platforms) else Platforms()
