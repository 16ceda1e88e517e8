"""HTML pages → blocks: the article found, furniture dropped, marked speakers kept as labels.

Markup by lxml; what is ours is which part of a page is speech. Walks the tree without recursion.
"""

import re
from typing import Any

from indexer.errors import TranscriptError
from indexer.formats.blocks import Draft, Dropped
from indexer.formats.pagemeta import read_metadata
from indexer.formats.pagewalk import read_blocks
from indexer.formats.prose import read_prose
from indexer.transcript import fold

# A page without a speaker and with so few words shows its transcript by a script, or has none.
_MIN_WORDS = 60
_SHOWN = 80
_NEVER_SHOWN = tuple("head script style template link meta svg canvas object embed iframe".split())
_FURNITURE_TAGS = frozenset(
    "noscript video audio nav aside form button input select textarea dialog menu footer".split()
)
_FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation)?|menu|breadcrumbs?|share|sharing|social|sidebar|related|"
    r"cookies?|subscribe|newsletter|advert(?:isement)?|promo|pagination|pager|skip-link|toolbar|"
    r"masthead|site-header|site-footer|back-to-top|search(?:-container|-form)?|notice)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CONTENT = ("main", "article")
# No page may hold them, and lxml refuses to move text that does.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROL = bytes({*range(32)} - {9, 10, 13})


def read(data: bytes, source: str) -> Draft:
    """The draft of a page. Raises TranscriptError where there is no speech in it."""
    page = _parse(data.translate(None, _CONTROL) if b"\0" not in data else data, source)
    metadata = read_metadata(page)
    dropped: list[Dropped] = []
    _drop_furniture(page, dropped)
    blocks = read_blocks(_content(page))
    draft = read_prose(blocks, metadata)
    words = sum(len(p.text.split()) for turn in draft.turns for p in turn.paragraphs)
    if words < _MIN_WORDS and all(turn.label is None for turn in draft.turns):
        raise TranscriptError(
            source,
            "nothing in it was understood as speech: if a script shows it, save the page as shown",
        )
    draft.dropped = sorted([*draft.dropped, *dropped], key=lambda one: one.line)
    return draft


def _parse(data: bytes, source: str) -> Any:
    from lxml import etree, html

    # The declared encoding is believed, then UTF-8; the bytes' own mark comes first.
    declared = re.search(rb"<meta[^>]{0,200}charset", data[:4096], re.IGNORECASE)
    marked = data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"))
    encoding = None if declared or marked else "utf-8"
    if encoding:
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            encoding = "cp1252"
    parser = html.HTMLParser(encoding=encoding, remove_comments=True, remove_pis=True)
    try:
        page = html.document_fromstring(data, parser=parser)
    except (etree.LxmlError, ValueError, LookupError, AssertionError) as error:
        raise TranscriptError(source, "is no page that can be read") from error
    if page is None:
        raise TranscriptError(source, "is no page that can be read")
    return page


def _drop_furniture(page: Any, dropped: list[Dropped]) -> None:
    """Takes out what pages put around their text, unless it holds most of the text."""
    for element in list(page.iter(*_NEVER_SHOWN)):
        _remove(element)
    total = max(1, len(fold(str(page.text_content()))))
    for element in list(page.iter()):
        reason = _why_furniture(element)
        if reason is None or element.getparent() is None:
            continue
        text = fold(str(element.text_content()))
        if reason != "not shown" and len(text) * 2 > total:
            continue
        if text:
            dropped.append(Dropped(element.sourceline or 0, text[:_SHOWN], reason))
        _remove(element)


def _remove(element: Any) -> None:
    """Takes the element out and leaves the text behind it; lxml's own stumbles over '&#1;'."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    tail = element.tail or ""
    if before is not None:
        before.tail = _NO_XML.sub("", (before.tail or "") + tail)
    else:
        parent.text = _NO_XML.sub("", (parent.text or "") + tail)
    parent.remove(element)


def _why_furniture(element: Any) -> str | None:
    if not isinstance(element.tag, str) or element.tag in ("html", "body", *_CONTENT):
        return None
    if element.tag in _FURNITURE_TAGS:
        return "page furniture"
    style = (element.get("style") or "").replace(" ", "").lower()
    if element.get("hidden") is not None or "display:none" in style:
        return "not shown"
    if element.get("aria-hidden") == "true":
        return "not shown"
    named = f"{element.get('class') or ''} {element.get('id') or ''} {element.get('role') or ''}"
    return "page furniture" if _FURNITURE_NAMES.search(named) else None


def _content(page: Any) -> Any:
    """The element that holds the article: <main> or <article> with most of the text, else all."""
    body = page.find("body")
    whole = body if body is not None else page
    total = len(fold(str(whole.text_content())))
    marked = [element for tag in _CONTENT for element in whole.iter(tag)]
    marked += whole.xpath(".//*[@role='main']")
    best = max(marked, key=lambda one: len(str(one.text_content())), default=None)
    if best is not None and len(fold(str(best.text_content()))) * 2 > total:
        return best
    return whole
