"""The schema of a platform's source.yml: what is asked for, how pages follow, what is read.

docs/platforms.md explains it by an example. Every fault is told with the key and what to write.
"""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import jmespath
import soupsieve
from jmespath.functions import Functions
from pydantic import BeforeValidator, Field, field_validator, model_validator

from lake.config import StrictModel
from lake.entities import ENTITIES
from scrapers.http.asking import Limits

Access = Literal["open_api", "public_feed", "public_page", "by_permission", "own_account"]
"""What lets us in: an official API, an official feed, pages that robots.txt allows, a permission,
or an account of our own whose key is in the environment."""

PageFormat = Literal["json", "jsonp", "html", "html_json", "own"]
"""`html_json`: JSON inside a script tag. `own`: parser.py opens the body (`open_body`)."""

Conversion = Literal[
    "text",
    "html",
    "whole",
    "count",
    "real",
    "money",
    "flag",
    "enum",
    "json",
    "pairs",
    "instant",
    "local",
    "day",
    "unix",
    "unix_ms",
    "relative",
]
"""`count`: a whole number as people write it (1,234, 4.9万+). `pairs`: every `name：value` at the
path, as a JSON object."""

FREE_TEXT = frozenset(
    {
        *("title", "narrative", "appeal", "body", "followup_body", "reply", "text"),
        *("rating_comment", "issue", "sub_issue", "company_response", "company_public_response"),
        *("tags", "region", "status_raw", "type_raw", "rating_text"),
    }
)
"""Columns that people may write into: always masked, whatever a declaration says.

The other texts are a platform's own words (state, country), and names of what it lists.
"""

PERSONAL = frozenset({"author", "actor", "phone", "email"})
"""Names of people: columns that may land as keyed hashes only."""

STEPS = (
    "created",
    "assigned",
    "transferred",
    "replied",
    "resolved",
    "closed",
    "reopened",
    "rated",
    "commented",
    "withdrawn",
)
WORDS = {
    ("complaint", "status"): ("open", "assigned", "replied", "resolved", "closed", "invalid"),
    ("complaint_event", "type"): STEPS,
    ("complaint_event", "actor_kind"): ("customer", "company", "platform", "unknown"),
    ("case_events", "type"): STEPS,
}
"""Columns that hold words of ours alone: what the warehouse reckons with (lake/entities.py)."""

TEMPLATE = re.compile(r"{(\w+)}")


def check_selector(path: str, *, html: bool) -> None:
    """Raises ValueError when `path` is no selector: CSS for HTML, JMESPath for JSON."""
    if html:
        css = path.rpartition("@")[0] if "@" in path else path
        if css.strip() and css != ".":
            try:
                soupsieve.compile(css)
            except soupsieve.SelectorSyntaxError as error:
                said = str(error).splitlines()[0]
                raise ValueError(f"{path!r} is not a CSS selector ({said})") from error
        return
    try:
        expression = jmespath.compile(path)
    except jmespath.exceptions.JMESPathError as error:
        said = str(error).splitlines()[0]
        raise ValueError(f"{path!r} is not a JMESPath expression ({said})") from error
    unknown = sorted(set(_functions(expression.parsed)) - set(Functions.FUNCTION_TABLE))
    if unknown:
        raise ValueError(f"{path!r} calls {', '.join(unknown)}(), which JMESPath does not have")


def _functions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "function_expression":
            yield str(node["value"])
        for child in node.get("children", []):
            yield from _functions(child)


def _members(path: str) -> set[str]:
    """Every member that a JMESPath expression names; none of what is CSS."""
    try:
        return set(_fields(jmespath.compile(path).parsed))
    except jmespath.exceptions.JMESPathError:
        return set()


def _fields(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if node.get("type") == "field":
            yield str(node["value"])
        for child in node.get("children", []):
            yield from _fields(child)


class OptionSpec(StrictModel):
    """One option that a source of this platform may set in sources.yml."""

    about: str
    pattern: str | None = None
    choices: tuple[str, ...] = ()
    default: str | None = None
    required: bool = False
    many: bool = False
    lower: bool = False
    strip_prefix: str | None = None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"{pattern!r} is not a regular expression ({error})") from error
        return pattern


class FieldSpec(StrictModel):
    """Where one column's value stands in an item, and what it is.

    `path` is relative to the item: JMESPath in JSON; CSS in HTML, with `@name` for an attribute;
    `{name}` is what the page was asked for with (an option, a detail page's key).
    `values` translates the platform's words (for `enum`: a word not listed is quarantined; for
    `text`: "" says that the platform puts these words where nothing was said).
    """

    path: str
    kind: Conversion = Field(default="text", alias="as")
    required: bool = False
    pattern: str | None = None
    values: dict[str, str] = Field(default_factory=dict)
    scale: float | None = None
    low: float | None = None
    high: float | None = None
    join: str | None = None
    time_format: str | None = None
    default: str | None = None

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        return OptionSpec._compiles(pattern)

    @model_validator(mode="after")
    def _whole(self) -> FieldSpec:
        if self.kind == "enum" and not self.values:
            raise ValueError("an enum needs `values`: the platform's word, and ours")
        return self


def _instead(unknown: list[str], columns: set[str]) -> str:
    """What to write in place of columns that an entity does not have."""
    close = {name: difflib.get_close_matches(name, columns, n=1) for name in unknown}
    if all(close.values()):
        return f"Did you mean {', '.join(found[0] for found in close.values())}?"
    return f"It has {', '.join(sorted(columns))}"


class Ours(StrictModel):
    """Which items of a list that shows everybody's are ours: those whose `column` holds one of the
    words of `option`. Where the option isn't given, all are."""

    column: str
    option: str


def _path_alone(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


Column = Annotated[FieldSpec, BeforeValidator(_path_alone)]


class RecordSpec(StrictModel):
    """One kind of record that a page's items hold.

    `items` is where they stand on the page, if not where the request's do. `within` leads from an
    item to the part that holds the fields; `each` to several such parts
    (the steps of a timeline). `key` is a column, several, or `content` where the platform gives
    no id: a hash of the columns named under `content`, and an occurrence number. A key of columns
    with `content` beside it is an id that some items lack: those get the content's key.
    """

    entity: str
    items: str | None = None
    within: str | None = None
    each: str | None = None
    skip: str | None = None
    ours: Ours | None = None
    key: str | tuple[str, ...]
    content: tuple[str, ...] = ()
    fields: dict[str, Column]
    constants: dict[str, str | int | float] = Field(default_factory=dict)
    hash: tuple[str, ...] = ()
    mask: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    known: tuple[str, ...] = ()
    payload: tuple[str, ...] = ()
    event: str | None = None

    @field_validator("entity")
    @classmethod
    def _lands(cls, entity: str) -> str:
        if entity not in ENTITIES:
            raise ValueError(f"there is no entity {entity!r}; known: {', '.join(ENTITIES)}")
        return entity

    @model_validator(mode="after")
    def _fits_entity(self) -> RecordSpec:
        columns = set(ENTITIES[self.entity].columns)
        given = set(self.fields) | set(self.constants)
        hashed = {f"{name}_hash" for name in self.hash}
        bare = sorted((given & PERSONAL) - set(self.hash))
        if bare:
            raise ValueError(f"{', '.join(bare)} is personal: name it under `hash`")
        unknown = sorted((given - set(self.hash) - columns) | (hashed - columns))
        if unknown:
            raise ValueError(
                f"{self.entity} has no column {', '.join(unknown)}. {_instead(unknown, columns)}"
            )
        self._speaks_our_words()
        if self.key == "content" and not self.content:
            raise ValueError("key: content needs `content`, the columns that make the key")
        missing = sorted((set(self.keys) - given) | (set(self.content) - set(self.fields)))
        if missing:
            raise ValueError(f"the key names {', '.join(missing)}, which is not among the fields")
        drifting = sorted(n for n in self.content if self.fields[n].kind == "relative")
        if drifting:
            raise ValueError(
                f"`content` names {', '.join(drifting)}, which counts back from now: the key would "
                "be another one every night"
            )
        event = (self.event,) if self.event else ()
        for key, names in (("hash", self.hash), ("mask", self.mask), ("event", event)):
            stray = sorted(set(names) - given)
            if stray:
                raise ValueError(f"{key} names {', '.join(stray)}, which is not among the fields")
        typed = sorted(
            name
            for name in set(self.hash) & set(self.fields)
            if self.fields[name].kind not in ("text", "html", "enum")
        )
        if typed:
            raise ValueError(f"{', '.join(typed)} is hashed, which takes text: leave out `as`")
        named = sorted(set(self.keys) & set(self.hash))
        if named:
            raise ValueError(
                f"the key names {', '.join(named)}, which is personal and would land as it is. "
                "Name it under `content`: its hash makes the key"
            )
        kept = sorted(set(self.drop) & (set(self.payload) | set(self.known)))
        if kept:
            raise ValueError(f"{', '.join(kept)} stands under `drop` and is kept elsewhere")
        hashed_paths = [self.fields[name].path for name in self.hash if name in self.fields]
        bare = sorted(
            {name for path in hashed_paths for name in _members(path)} & set(self.payload)
        )
        if bare:
            raise ValueError(f"payload keeps {', '.join(bare)}, which `hash` calls personal")
        return self

    def _speaks_our_words(self) -> None:
        for (entity, column), ours in WORDS.items():
            if entity != self.entity:
                continue
            field, constant = self.fields.get(column), self.constants.get(column)
            said = set() if constant is None else {str(constant)}
            if field is not None:
                said |= {*field.values.values(), field.default or ours[0]}
            stray = sorted(said - set(ours))
            if stray or (field is not None and field.kind != "enum"):
                found = f" ({', '.join(stray)} is not)" if stray else ""
                raise ValueError(
                    f"{column} is one of {', '.join(ours)}{found}: read it `as: enum`, and give "
                    "the platform's word and ours under `values`"
                )

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns of the natural key; none for a content key."""
        if self.key == "content":
            return ()
        return (self.key,) if isinstance(self.key, str) else self.key

    @property
    def landed(self) -> set[str]:
        """The columns as they land: personal ones as hashes."""
        given = set(self.fields) | set(self.constants)
        return (given - set(self.hash)) | {f"{name}_hash" for name in self.hash}

    @property
    def masked(self) -> tuple[str, ...]:
        """Columns whose text is masked: what the entity calls free text, and what is named."""
        free = FREE_TEXT & set(self.fields)
        return tuple(sorted({*free, *self.mask}))


class Judge(StrictModel):
    """What a body must hold, or must not, before anything is read from it."""

    anchors: tuple[str, ...] = ()
    blocked_text: tuple[str, ...] = ()
    blocked_when: str | None = None
    gone_text: tuple[str, ...] = ()
    gone_when: str | None = None
    incomplete_when: str | None = None
    blank_is_block: bool = False
    """Whether a body with nothing in it, when it comes again, is how the platform refuses."""
    notes: dict[str, str] = Field(default_factory=dict)
    """Condition -> what a person should hear of."""


class End(StrictModel):
    """How the platform says that there are no further pages: a status with words, an empty page
    that comes `empty_answers` times, a page that `last_answers` times names no successor."""

    statuses: dict[int, str] = Field(default_factory=dict)
    empty_answers: int = Field(default=2, ge=1, le=5)
    last_answers: int = Field(default=1, ge=1, le=5)


class Single(StrictModel):
    """One page, and no more."""

    kind: Literal["single"] = "single"


class PageNumbers(StrictModel):
    """Pages by number (`{page}`), from `first` on; `last` where the platform goes no further."""

    kind: Literal["page"]
    first: int = Field(default=1, ge=0, le=1)
    last: int | None = Field(default=None, ge=1)


class Offsets(StrictModel):
    """Pages by offset (`{offset}`), in steps of `size` (or what the option `size_option` says)."""

    kind: Literal["offset"]
    size: int = Field(ge=1)
    size_option: str | None = None
    last: int | None = Field(default=None, ge=1)


class Token(StrictModel):
    """Pages by a token (`{token}`) that each page gives for the next; `done` where it says so.

    `first` stands for the token that the first page is asked for with; without it, parameters with
    `{token}` are left out there. `first_only` names query parameters of the first page alone.
    """

    kind: Literal["token"]
    next: str
    first: str | None = None
    first_only: tuple[str, ...] = ()
    done: str | None = None
    last: int | None = Field(default=None, ge=1)


class SearchAfter(StrictModel):
    """Pages by the sort values of the last item before them (`{after}`, with `{offset}`).

    `points` leads to {page number: [value, …]} in the page before.
    """

    kind: Literal["search_after"]
    points: str
    size: int = Field(ge=1)
    size_option: str | None = None
    join: str = "_"
    last: int | None = Field(default=None, ge=1)


class NextLink(StrictModel):
    """Pages by the link that each page holds to the next."""

    kind: Literal["next_link"]
    next: str
    last: int | None = Field(default=None, ge=1)


class Addresses(StrictModel):
    """Pages by their addresses: those of an option (`from_option`), and those of a sitemap."""

    kind: Literal["addresses"]
    from_option: str
    sitemap_option: str | None = None
    match_option: str | None = None
    last: int | None = Field(default=None, ge=1)


Paging = Annotated[
    Single | PageNumbers | Offsets | Token | SearchAfter | NextLink | Addresses,
    Field(discriminator="kind"),
]


class Slices(StrictModel):
    """Reading by ranges of days: `{from_day}`, `{to_day}` (inclusive), `{before_day}` (exclusive).

    `days` is the length of a range; without it the whole window is one range, which is halved
    while it holds more than `depth` items.
    """

    days: int | None = Field(default=None, ge=1)
    depth: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _one(self) -> Slices:
        if self.days is None and self.depth is None:
            raise ValueError(
                "slices need `days` (fixed ranges) or `depth` (ranges that are halved)"
            )
        return self


class RequestSpec(StrictModel):
    """One kind of request. With `of` it is a detail page, asked for records of that name.

    `conditional` sends back what the host said of the last version, so that an unchanged page is
    not sent again: for detail pages, and for a `file` (an export that is there whole, no list).
    `drawn` (CSS) are elements that stand for characters which the page draws: each is read as ▢.
    With `drop_only` it is never asked live: it reads what people save and drop, and has no path.
    """

    path: str = ""
    drop_only: bool = False
    method: Literal["GET", "POST"] = "GET"
    query: dict[str, str] = Field(default_factory=dict)
    form: dict[str, str] = Field(default_factory=dict)
    access: Access | None = None
    when: str | None = None
    unless: str | None = None
    each: str | None = None
    format: PageFormat
    encoding: str | None = None
    script: str | None = None
    drawn: str | None = None
    items: str | None = None
    total: str | None = None
    total_is_floor: str | None = None
    pages: str | None = None
    page_shown: str | None = None
    paging: Paging = Single()
    slices: Slices | None = None
    judge: Judge = Judge()
    end: End = End()
    records: tuple[str, ...]
    of: str | None = None
    conditional: bool = False
    file: bool = False

    @field_validator("encoding")
    @classmethod
    def _decodes(cls, encoding: str | None) -> str | None:
        try:
            codecs.lookup(encoding or "utf-8")
        except LookupError as error:
            raise ValueError(f"there is no encoding {encoding!r}. Write it like gbk") from error
        return encoding

    @property
    def is_html(self) -> bool:
        """Whether selectors on the page are CSS."""
        return self.format == "html"

    @model_validator(mode="after")
    def _whole(self) -> RequestSpec:
        if not self.path and not self.drop_only:
            raise ValueError("a request needs its `path` (unless it is drop_only)")
        if self.path and self.path[0] not in "/{":
            raise ValueError(
                f"path: {self.path!r} does not begin with /. Write it without the host"
            )
        if self.format == "html_json" and not self.script:
            raise ValueError("html_json needs `script`: the CSS selector of the script tag")
        if self.form and self.method != "POST":
            raise ValueError("`form` goes with method: POST")
        if self.conditional and not (self.of or self.file):
            raise ValueError("a list is never asked for conditionally: it would stand still")
        if self.file and self.paging.kind != "single":
            raise ValueError("a `file` is there whole: it has no paging")
        if self.is_html and not self.judge.anchors:
            raise ValueError(
                "an HTML page needs judge.anchors: what is on it even when it lists nothing, so "
                "that a login page isn't taken for an empty list"
            )
        for path in self.selectors:
            check_selector(path, html=self.is_html)
        return self

    @property
    def selectors(self) -> list[str]:
        """Every selector on the page as a whole."""
        judged = self.judge
        given = [
            self.items,
            self.total,
            self.total_is_floor,
            self.pages,
            self.page_shown,
            self.drawn,
            judged.blocked_when,
            judged.gone_when,
            judged.incomplete_when,
            getattr(self.paging, "next", None),
            getattr(self.paging, "done", None),
            getattr(self.paging, "points", None),
        ]
        return [path for path in (*given, *judged.anchors, *judged.notes) if path is not None]


class Cursor(StrictModel):
    """How a night finds what is new: from the newest item of the last complete night, minus the
    overlap. `newest_first` lists are read until a page lies wholly before that; with `none` the
    whole list is read; `oldest_first` ones begin there (`{since}`, `{since_unix}`)."""

    order: Literal["newest_first", "oldest_first", "none"] = "newest_first"
    overlap_days: int = Field(ge=0)
    history_days: int = Field(ge=1)


class Revisit(StrictModel):
    """The second queue: open records are visited again, at growing intervals, until they close."""

    closed: tuple[str, ...] = ("resolved", "closed", "invalid")
    days: int = Field(default=90, ge=1, le=3650)
    per_night: int = Field(default=500, ge=1)


class Bounds(StrictModel):
    """What a night of one record should look like. A count below `min_items` ends the source."""

    min_items: int | None = Field(default=None, ge=0)
    max_items: int | None = Field(default=None, ge=1)
    fill: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """Column -> the least share of items that must have it; less is drift."""


class ArchiveRules(StrictModel):
    """What of a page must not even be archived: JSON members by name, elements by CSS."""

    mask_fields: tuple[str, ...] = ()
    mask_selectors: tuple[str, ...] = ()


class ExportSpec(StrictModel):
    """A CSV or XLSX export that people drop: our column -> the headers it may have."""

    record: str
    columns: dict[str, tuple[str, ...]]


class Credential(StrictModel):
    """The header of an own account: `{secret}` in `value` is the environment's variable."""

    header: str = "Authorization"
    value: str = "Bearer {secret}"
    basic: bool = False
    """Whether the secret is `user:password` to be sent as HTTP Basic."""


class PlatformSpec(StrictModel):
    """A platform's source.yml."""

    title: str
    version: int = Field(default=1, ge=1)
    access: Access
    terms: str
    base_url: str
    zone: str | None = None
    options: dict[str, OptionSpec] = Field(default_factory=dict)
    one_of: tuple[str, ...] = ()
    """Options of which one at least must be given."""
    credential: Credential | None = None
    requests: dict[str, RequestSpec]
    records: dict[str, RecordSpec]
    exports: dict[str, ExportSpec] = Field(default_factory=dict)
    cursor: Cursor
    revisit: Revisit | None = None
    expires_after_days: int | None = Field(default=None, ge=1)
    bounds: dict[str, Bounds] = Field(default_factory=dict)
    archive: ArchiveRules = ArchiveRules()
    politeness: Limits
    facts: tuple[str, ...]

    @field_validator("zone")
    @classmethod
    def _on_earth(cls, zone: str | None) -> str | None:
        try:
            ZoneInfo(zone or "UTC")
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"there is no zone {zone!r}. Write it like Asia/Shanghai") from error
        return zone

    @field_validator("base_url")
    @classmethod
    def _over_tls(cls, url: str) -> str:
        if not re.fullmatch(r"https://[^\s/?#]+[^\s?#]*", url):
            raise ValueError(f"{url!r} is no address to ask. Write it like https://www.example.org")
        return url

    @model_validator(mode="after")
    def _consistent(self) -> PlatformSpec:
        faults = [
            *self._unknown_records(),
            *self._unknown_columns(),
            *self._unknown_options(),
            *self._unknown_variables(),
            *self._wrong_paths(),
            *self._idle_pagings(),
            *self._wrong_times(),
            *self._wrong_exports(),
        ]
        if self.politeness.min_interval_seconds < 1:
            faults.append("politeness.min_interval_seconds is under 1: no host is asked faster")
        if self.access == "own_account" and self.credential is None:
            faults.append("own_account needs `credential`: how the key is sent")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _unknown_records(self) -> list[str]:
        named = [
            (f"requests.{n}", record) for n, r in self.requests.items() for record in r.records
        ]
        named += [(f"requests.{n}.of", r.of) for n, r in self.requests.items() if r.of]
        named += [(f"exports.{n}", export.record) for n, export in self.exports.items()]
        named += [(f"bounds.{record}", record) for record in self.bounds]
        return [
            f"{where} names the record {record!r}, which `records` does not declare"
            for where, record in named
            if record not in self.records
        ]

    def _unknown_columns(self) -> list[str]:
        """Columns that bounds name (as they land), and their record does not have."""
        return [
            f"bounds.{name}.fill names {', '.join(stray)}, which the record {name} does not have"
            for name, bounds in self.bounds.items()
            if name in self.records
            and (stray := sorted(set(bounds.fill) - self.records[name].landed))
        ]

    def _unknown_variables(self) -> list[str]:
        """`{name}` in a field: an option, what a paging gives, or the key of what a page shows."""
        given = {*self.options, *ALWAYS}
        given.update(*(_paging_names(request) for request in self.requests.values()))
        given.update(*(record.keys for record in self.records.values()))
        return [
            f"records.{name}.{column} uses {field.path}, which no page is asked for with"
            for name, record in self.records.items()
            for column, field in record.fields.items()
            if TEMPLATE.fullmatch(field.path) and field.path.strip("{}") not in given
        ]

    def _unknown_options(self) -> list[str]:
        known = set(self.options)
        used = {
            (f"requests.{name}", option)
            for name, request in self.requests.items()
            for option in (request.when, request.unless, request.each)
            if option
        }
        used |= {("one_of", option) for option in self.one_of}
        used |= {("base_url", option) for option in TEMPLATE.findall(self.base_url)}
        used |= {(f"records.{n}.ours", r.ours.option) for n, r in self.records.items() if r.ours}
        for name, request in self.requests.items():
            if isinstance(request.paging, Addresses):
                paging = request.paging
                named = (paging.from_option, paging.sitemap_option, paging.match_option)
                used |= {(f"requests.{name}.paging", option) for option in named if option}
            size_option = getattr(request.paging, "size_option", None)
            if size_option:
                used.add((f"requests.{name}.paging", str(size_option)))
            given = {*self.options, *_paging_names(request), *ALWAYS}
            if request.of:
                given |= (
                    set(self.records[request.of].fields) if request.of in self.records else set()
                )
            texts = (request.path, *request.query.values(), *request.form.values())
            for variable in {v for text in texts for v in TEMPLATE.findall(text)} - given:
                used.add((f"requests.{name}", variable))
        return [
            f"{where} uses {{{option}}}, which is no option and nothing its paging gives"
            for where, option in sorted(used)
            if option not in known
        ]

    def _idle_pagings(self) -> list[str]:
        """Without what its paging gives, every page of a list would be the first one again."""
        return [
            f"requests.{name} asks for every page alike: use {{{given[0]}}} in its path, query "
            "or form"
            for name, request in self.requests.items()
            if request.paging.kind in ("page", "offset", "token", "search_after")
            and (given := _paging_names(request))
            and not any(
                f"{{{given[0]}}}" in text
                for text in (request.path, *request.query.values(), *request.form.values())
            )
        ]

    def _wrong_paths(self) -> list[str]:
        faults = []
        for name, request in self.requests.items():
            for record in (self.records[r] for r in request.records if r in self.records):
                paths = [f.path for f in record.fields.values() if not TEMPLATE.fullmatch(f.path)]
                paths += [p for p in (record.items, record.within, record.each, record.skip) if p]
                for path in paths:
                    try:
                        check_selector(path, html=request.is_html)
                    except ValueError as error:
                        faults.append(f"{error} (requests.{name} reads it)")
        return faults

    def _wrong_times(self) -> list[str]:
        """Times without an offset mean nothing without a zone."""
        if self.zone is not None:
            return []
        return [
            f"records.{name}.{column} is a local time: declare the platform's `zone`"
            for name, record in self.records.items()
            for column, field in record.fields.items()
            if field.kind in ("local", "relative")
        ]

    def _wrong_exports(self) -> list[str]:
        """An export's column is read by the conversion of the record's field of that name."""
        return [
            f"exports.{name} has the column {column!r}, which is no field of {export.record}"
            for name, export in self.exports.items()
            if export.record in self.records
            for column in export.columns
            if column not in self.records[export.record].fields
        ]

    @property
    def identity(self) -> dict[str, Any]:
        """The part that decides what is collected and how it is read; wording and pace do not."""
        return self.model_dump(
            mode="json",
            exclude={"title", "terms", "base_url", "politeness", "facts", "bounds", "archive"},
        )

    @property
    def lists(self) -> dict[str, RequestSpec]:
        """The requests that find items."""
        return {n: r for n, r in self.requests.items() if not r.of and not r.drop_only}

    @property
    def details(self) -> dict[str, RequestSpec]:
        """The requests for an item's own page."""
        return {n: r for n, r in self.requests.items() if r.of and not r.drop_only}

    @property
    def entities(self) -> tuple[str, ...]:
        """Every entity that may land from this platform."""
        return tuple(dict.fromkeys(record.entity for record in self.records.values()))


ALWAYS = ("since", "since_unix", "from_day", "to_day", "before_day", "as_of")
"""Variables that every request may use."""


def _paging_names(request: RequestSpec) -> tuple[str, ...]:
    names = {
        "page": ("page",),
        "offset": ("offset",),
        "token": ("token",),
        "search_after": ("after", "offset"),
        "next_link": (),
        "addresses": ("address",),
        "single": (),
    }
    return names[request.paging.kind]
