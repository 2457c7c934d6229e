"""source.yml: every fault of a declaration is told where it stands, and with what to write."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import get_args

import pytest
import yaml

from lake.config import ConfigError, StrictModel
from scrapers.registry import PLATFORMS, Platforms
from scrapers.spec import Access, Conversion, PageFormat, PlatformSpec

GUIDE = (Path(__file__).parents[3] / "docs" / "platforms.md").read_text("utf-8")
RIGHT = yaml.safe_load("""
title: Tearoom
access: public_page
terms: Public pages.
base_url: https://tearoom.example
zone: Asia/Shanghai
options:
  shop: {about: a shop's number, pattern: "[0-9]+", many: true}
requests:
  items:
    path: /shops/{shop}/items
    each: shop
    query: {page: "{page}"}
    format: html
    items: ul.items > li
    paging: {kind: page}
    judge: {anchors: [ul.items]}
    records: [review]
  feed:
    path: /feed.json
    format: json
    items: items
    records: [complaint]
  view:
    path: /complaints/{complaint_id}
    of: complaint
    conditional: true
    format: json
    records: [complaint]
records:
  review:
    entity: review
    key: review_id
    fields:
      review_id: "@data-id"
      body: p.text
      author: .author
      rating: {path: .rating, as: real}
      created_at: {path: .date, as: local}
      product_id: "{shop}"
    hash: [author]
  complaint:
    entity: complaint
    key: complaint_id
    fields:
      complaint_id: id
      status: {path: state, as: enum, values: {"1": open}}
      narrative: text
    drop: [phone]
exports:
  sheet: {record: review, columns: {review_id: [编号], body: [内容]}}
cursor: {order: newest_first, overlap_days: 7, history_days: 30}
bounds: {review: {fill: {body: 0.5, author_hash: 0.5}}}
politeness: {min_interval_seconds: 3}
facts: [Only reviews with a text.]
""")
GONE = object()


def changed(path, value):
    """The right declaration with one value put in, or taken out (GONE)."""
    declared = copy.deepcopy(RIGHT)
    *way, last = path.split("/")
    inner = declared
    for name in way:
        inner = inner[int(name) if name.isdigit() else name]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return declared


@pytest.fixture
def load(tmp_path: Path):
    """A platform of this declaration; with `parser`, of this parser.py as well."""

    def platform(declared, parser=None):
        folder = tmp_path / "tearoom"
        folder.mkdir()
        text = yaml.safe_dump(declared, allow_unicode=True, sort_keys=False)
        (folder / "source.yml").write_text(text, encoding="utf-8")
        if parser is not None:
            (folder / "parser.py").write_text(parser, encoding="utf-8")
        return Platforms((PLATFORMS, tmp_path)).load("tearoom")

    return platform


@pytest.fixture
def problems(load):
    def told(declared, parser=None):
        with pytest.raises(ConfigError) as caught:
            load(declared, parser)
        return caught.value.problems

    return told


def test_the_right_one_is_read(load):
    platform = load(RIGHT)
    spec = platform.spec
    assert platform.parser_version == "tearoom-1"
    assert (set(spec.lists), set(spec.details)) == ({"items", "feed"}, {"view"})
    assert spec.entities == ("review", "complaint")
    assert spec.records["review"].landed >= {"author_hash", "body"}
    assert spec.records["review"].masked == ("body",)


R, C, I = "records/review", "records/complaint", "requests/items"  # noqa: E741 - short paths below


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        # what is missing, and what is not known
        ("title", GONE, "title: this key is required. Add `title: …`."),
        ("requests/items/format", GONE, "format: this key is required"),
        (f"{I}/pagging", {}, "Did you mean `paging`?"),
        ("records/review/fields/body", {"path": "p", "kind": "html"}, "this key is not known"),
        ("cursor/overlap", 7, "Did you mean `overlap_days`?"),
        (f"{I}/judge", {}, "an HTML page needs judge.anchors"),
        # words of a closed set
        ("access", "public", "'open_api', 'public_feed', 'public_page', 'by_permission'"),
        (f"{I}/format", "xml", "'json', 'jsonp', 'html'"),
        (f"{I}/paging", {"kind": "pages"}, "'single', 'page', 'offset'"),
        (f"{R}/fields/rating", {"path": ".r", "as": "float"}, "'whole', 'count', 'real'"),
        (f"{R}/entity", "reviews", "there is no entity 'reviews'; known: "),
        # selectors, patterns, places
        (f"{I}/items", "ul.items >> li", "'ul.items >> li' is not a CSS selector"),
        (f"{R}/fields/body", "p[", "is not a CSS selector"),
        (f"{R}/within", "div..x", "'div..x' is not a CSS selector"),
        (f"{I}/judge", {"anchors": ["#"]}, "'#' is not a CSS selector"),
        ("requests/feed/items", "items[", "'items[' is not a JMESPath expression"),
        (f"{C}/fields/narrative", "a.b)", "'a.b)' is not a JMESPath expression"),
        (f"{C}/fields/narrative", "lower(text)", "calls lower(), which JMESPath does not have"),
        (f"{R}/fields/rating", {"path": ".r", "pattern": "("}, "'(' is not a regular expression"),
        ("options/shop", {"about": "x", "pattern": "["}, "'[' is not a regular expression"),
        ("zone", "Asia/Shanghia", "there is no zone 'Asia/Shanghia'. Write it like Asia/Shanghai"),
        ("base_url", "http://tearoom.example", "Write it like https://"),
        ("base_url", "tearoom.example", "Write it like https://"),
        # columns
        (f"{R}/fields/titel", "h2", "review has no column titel. Did you mean title?"),
        (
            f"{R}/fields/shop",
            "h2",
            "review has no column shop. It has app_id, app_version, aspects",
        ),
        (f"{R}/constants", {"stars": 5}, "review has no column stars"),
        (f"{R}/hash", [], "author is personal: name it under `hash`"),
        (f"{R}/hash", ["author", "body"], "review has no column body_hash"),
        (f"{R}/mask", ["reply"], "mask names reply, which is not among the fields"),
        (f"{R}/event", "updated_at", "event names updated_at, which is not among the fields"),
        (f"{R}/key", "id", "the key names id, which is not among the fields"),
        (f"{R}/key", ["review_id", "nth"], "the key names nth"),
        (f"{R}/key", "content", "key: content needs `content`"),
        (f"{R}/content", ["body", "title"], "the key names title, which is not among the fields"),
        (f"{C}/known", ["phone"], "phone stands under `drop` and is kept elsewhere"),
        (f"{C}/fields/status", {"path": "state", "as": "enum"}, "an enum needs `values`"),
        (f"{C}/fields/status", "state", "status is one of open, assigned, replied, resolved"),
        (f"{C}/fields/status/values/9", "OPENED", "invalid (OPENED is not): read it `as: enum`"),
        (f"{C}/constants", {"status": "new"}, "invalid (new is not)"),
        (f"{C}/fields/complaint_id", False, "YAML takes it for a yes or no, not for a text"),
        (f"{R}/hash", "author", "'author' can't be used. Write it as a list: [author]."),
        ("bounds", {"review": {"fill": {"author": 0.5}}}, "bounds.review.fill names author"),
        ("bounds", {"review": {"fill": {"body": 90}}}, "less than or equal to 1"),
        (
            "exports/sheet/columns",
            {"title": ["标题"]},
            "exports.sheet has the column 'title', which is no field of review",
        ),
        # what stands for something else
        (f"{I}/records", ["reviews"], "requests.items names the record 'reviews'"),
        ("requests/view/of", "ticket", "requests.view.of names the record 'ticket'"),
        ("bounds", {"step": {"min_items": 1}}, "bounds.step names the record 'step'"),
        (f"{I}/path", "/shops/{shp}/items", "requests.items uses {shp}, which is no option"),
        (f"{I}/query", {"o": "{offset}"}, "requests.items uses {offset}, which is no option"),
        (f"{I}/when", "city", "requests.items uses {city}"),
        ("one_of", ["shop", "city"], "one_of uses {city}"),
        (
            f"{I}/paging",
            {"kind": "addresses", "from_option": "shop", "match_option": "matsch"},
            "requests.items.paging uses {matsch}",
        ),
        (f"{R}/fields/product_id", "{shopp}", "uses {shopp}, which no page is asked for with"),
        # rules
        ("zone", GONE, "records.review.created_at is a local time: declare the platform's `zone`"),
        (f"{I}/conditional", True, "a list is never asked for conditionally"),
        (f"{I}/format", "html_json", "html_json needs `script`"),
        (f"{I}/form", {"a": "b"}, "`form` goes with method: POST"),
        (f"{I}/slices", {}, "slices need `days` (fixed ranges) or `depth`"),
        (f"{I}/path", "", "a request needs its `path`"),
        (f"{I}/path", "https://tearoom.example/items", "does not begin with /. Write it without"),
        (f"{I}/query", {}, "requests.items asks for every page alike: use {page} in its path"),
        (f"{I}/encoding", "gbkk", "there is no encoding 'gbkk'. Write it like gbk"),
        (f"{I}/paging", {"kind": "page", "first": 2}, "less than or equal to 1"),
        (f"{I}/paging", {"kind": "offset"}, "size: this key is required"),
        ("cursor/overlap_days", -1, "greater than or equal to 0"),
        ("politeness/min_interval_seconds", 0.2, "no host is asked faster"),
        ("access", "own_account", "own_account needs `credential`"),
    ],
)
def test_a_fault_is_told(problems, path, value, words):
    found = problems(changed(path, value))
    said = "\n".join(str(problem) for problem in found)
    assert words in said, said
    assert all(problem.file.name == "source.yml" for problem in found)


def test_a_fault_names_its_line_and_key(problems):
    (problem,) = problems(changed(f"{I}/pagging", {}))
    text = problem.file.read_text("utf-8").splitlines()
    assert problem.key == "requests.items.pagging"
    assert text[problem.line - 1].strip() == "pagging: {}"


def test_all_faults_are_told_at_once(problems):
    declared = changed("zone", GONE)
    declared["requests"]["items"]["path"] = "/{shp}"
    declared["bounds"] = {"nothing": {}}
    (problem,) = problems(declared)
    for words in ("declare the platform's `zone`", "{shp}", "'nothing'"):
        assert words in str(problem)


def test_faults_of_several_keys_are_told_one_by_one(problems):
    declared = changed("title", None)
    declared["cursor"]["order"] = "newest"
    declared["requests"]["items"]["conditional"] = True
    keys = {problem.key for problem in problems(declared)}
    assert keys == {"title", "cursor.order", "requests.items"}


OWN = changed("requests/feed/format", "own")


@pytest.mark.parametrize("parser", [None, "def open(body): ...\n"])
def test_own_needs_its_parser(problems, parser):
    (problem,) = problems(OWN, parser)
    assert "needs an open_body(body, content_type) in a parser.py" in str(problem)
    assert problem.key == "requests.feed.format"


def test_a_parser_that_can_not_be_loaded_is_told(problems):
    (problem,) = problems(OWN, "import a_module_that_is_not_there\n")
    assert problem.file.name == "parser.py"
    assert "ModuleNotFoundError" in str(problem)


def test_a_parser_opens_bodies_of_its_own(load):
    parser = "def open_body(body, content_type):\n    return {'items': body.decode().split()}\n"
    platform = load(OWN, parser)
    assert platform.open("feed", b"a b", "text/plain") == {"items": ["a", "b"]}


def test_wording_and_pace_change_no_identity_and_reading_does(load):
    spec = PlatformSpec.model_validate(RIGHT)
    same = changed("title", "Another name")
    same["politeness"] = {"min_interval_seconds": 9}
    same["facts"] = ["Another fact."]
    same["bounds"] = {}
    other = changed(f"{R}/fields/body", "p.words")
    assert PlatformSpec.model_validate(same).identity == spec.identity
    assert PlatformSpec.model_validate(other).identity != spec.identity


def keys_of(annotation):
    """Every key that a declaration may hold, of this model and of those inside it."""
    if isinstance(annotation, type) and issubclass(annotation, StrictModel):
        for name, field in annotation.model_fields.items():
            yield field.alias or name
            yield from keys_of(field.annotation)
    for inner in get_args(annotation):
        yield from keys_of(inner)


@pytest.mark.parametrize("key", sorted(set(keys_of(PlatformSpec)) - {"kind"}))
def test_the_guide_explains_every_key(key):
    assert re.search(rf"`{key}[`:]", GUIDE), f"docs/platforms.md does not name `{key}`"


@pytest.mark.parametrize("word", [*get_args(Access), *get_args(PageFormat), *get_args(Conversion)])
def test_the_guide_explains_every_word(word):
    assert f"`{word}`" in GUIDE


def test_a_key_of_content_does_not_count_back_from_now(problems):
    declared = copy.deepcopy(RIGHT)
    review = declared["records"]["review"]
    review |= {"key": "content", "content": ["body", "created_at"]}
    review["fields"]["created_at"] = {"path": ".date", "as": "relative"}
    (problem,) = problems(declared)
    assert "`content` names created_at, which counts back from now" in str(problem)
