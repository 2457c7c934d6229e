"""Opening a body: bytes -> a document that selectors work on (Python objects, or HTML as soup).

Nothing here knows a platform. What can't be opened is told as PageProblemError.
"""

from __future__ import annotations

import json
import re
import warnings
from typing import Any

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from bs4.dammit import EncodingDetector

from scrapers.parsing import PageProblemError
from scrapers.spec import RequestSpec

warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)

# `try{cb({…});}catch(e){};` and `/**/cb({…})`: a call around one JSON value.
_JSONP = re.compile(r"^\s*(?:/\*.*?\*/\s*)?(?:try\s*\{\s*)?[\w$.]+\s*\(\s*(?=[\[{])", re.DOTALL)
GAP = "▢"
"""What stands for a character that a page draws instead of writing."""
_DRAWN = re.compile("[\ue000-\uf8ff]")  # private use: only the page's own font knows them
_BYTE_ORDER_MARK = "\ufeff"
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_SAME_FAMILY = {"gb2312": "gb18030", "gbk": "gb18030", "x-gbk": "gb18030", "iso-8859-1": "cp1252"}


def open_document(body: bytes, content_type: str, request: RequestSpec) -> Any:
    """The document of a body, by the request's declaration. Raises PageProblemError."""
    if not body.strip():
        raise PageProblemError("partial", "The body is empty.", again=True)
    if request.format == "html":
        page = open_html(body, content_type, request.encoding)
        if request.drawn is not None:
            _mark_gaps(page, request.drawn)
        return page
    text = decode_text(body, content_type, request.encoding)
    if request.format == "html_json":
        return _inside_script(text, request.script or "script")
    _refuse_html(text, content_type)
    if request.format == "jsonp":
        text = _unwrapped(text)
    return read_json(text)


def decode_text(body: bytes, content_type: str, declared: str | None = None) -> str:
    """The text of a body: as declared, else UTF-8 where it is that, else as the header or the page
    says, else as detected. Headers lie; bytes that are valid UTF-8 by chance hardly occur."""
    if declared is not None:
        return _declared(body, declared)
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    said = _CHARSET.search(content_type)
    named = said[1] if said else EncodingDetector.find_declared_encoding(body, is_html=True)
    for name in (named, "gb18030"):
        try:
            return body.decode(_SAME_FAMILY.get((name or "").lower(), name or "gb18030"))
        except (UnicodeDecodeError, LookupError):
            continue
    detail = "The body is neither UTF-8 nor GBK, nor what its header says."
    raise PageProblemError("drift", detail)


def open_html(body: bytes, content_type: str, declared: str | None = None) -> BeautifulSoup:
    """The soup of an HTML page. Raises PageProblemError when JSON came instead."""
    text = decode_text(body, content_type, declared)
    if text.lstrip()[:1] in ("{", "["):
        raise PageProblemError("drift", "JSON came where a page was asked for.")
    return BeautifulSoup(text, "lxml")


def _mark_gaps(page: BeautifulSoup, drawn: str) -> None:
    """Marks what is drawn. What it means is in style sheets and fonts, and stays there."""
    for tag in page.select(drawn):
        tag.string = GAP
    for found in page.find_all(string=_DRAWN):
        found.replace_with(_DRAWN.sub(GAP, found))


def read_json(text: str) -> Any:
    """JSON from text; control characters inside strings are tolerated. Raises PageProblemError."""
    text = text.lstrip(_BYTE_ORDER_MARK).strip()
    try:
        return json.loads(text, strict=False)
    except RecursionError as error:
        raise PageProblemError("drift", "The JSON is nested too deeply to be read.") from error
    except ValueError as error:
        if text[:1] in ("{", "["):
            detail = f"The JSON breaks off or is damaged: {error}."
            raise PageProblemError("partial", detail, again=True) from error
        raise PageProblemError("drift", f"The body is not JSON: {error}.") from error


def _declared(body: bytes, encoding: str) -> str:
    """As declared, unless the bytes are UTF-8: platforms do move on from GBK, and browsers save
    what they show as UTF-8. Asked first, as GBK takes most UTF-8 for text of its own."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return body.decode(_SAME_FAMILY.get(encoding.lower(), encoding))
        except UnicodeDecodeError as error:
            detail = f"The body is neither {encoding} nor UTF-8 (byte {error.start})."
            raise PageProblemError("drift", detail) from error


def _refuse_html(text: str, content_type: str) -> None:
    if text.lstrip().startswith("<") or ("html" in content_type.lower() and "{" not in text[:200]):
        detail = "HTML came where JSON was asked for: a login, captcha or error page."
        raise PageProblemError("blocked", detail)


def _unwrapped(text: str) -> str:
    """The JSON inside a JSONP call; text without a call is taken for plain JSON."""
    call = _JSONP.match(text)
    if call is None:
        return text
    inner = text[call.end() :]
    decoder = json.JSONDecoder(strict=False)
    try:
        _, end = decoder.raw_decode(inner)
    except ValueError:
        return inner
    return inner[:end]


def _inside_script(text: str, selector: str) -> Any:
    soup = BeautifulSoup(text, "lxml")
    tag = soup.select_one(selector)
    if tag is None:
        raise PageProblemError("drift", f"The layout changed: the page has no {selector}.")
    return read_json(tag.get_text())
