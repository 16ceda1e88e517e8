"""Title, date and language that a page tells of itself: JSON-LD, `og:`, `<time>`, `<title>`."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from indexer.dates import find_date
from indexer.formats.blocks import Metadata
from indexer.transcript import fold

_TITLES = ("og:title", "twitter:title", "dc.title", "citation_title")
_DATES = (
    "article:published_time",
    "datepublished",
    "dc.date",
    "dcterms.created",
    "date",
    "pubdate",
    "citation_date",
)
_MAX_NODES = 10_000


def read_metadata(page: Any) -> Metadata:
    """What the page says; the most deliberate word first. None where it says nothing."""
    named = _meta(page)
    data = list(_json_ld(page))
    titles = [named.get(key) for key in _TITLES]
    titles += [_text(node.get("headline")) or _text(node.get("name")) for node in data]
    titles += [_first(page, "h1"), _first(page, "title")]
    dates = [_text(node.get("datePublished")) for node in data]
    dates += [named.get(key) for key in _DATES]
    dates += [element.get("datetime") for element in page.iter("time")]
    return Metadata(
        title=next((title for title in titles if title), None),
        date=next((found for text in dates if (found := _date(text))), None),
        language=_language(page.get("lang")),
    )


def _meta(page: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in page.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        content = fold(element.get("content") or "")
        if name and content:
            found.setdefault(name.lower(), content)
    return found


def _json_ld(page: Any) -> Iterator[dict[str, Any]]:
    """Objects of the page's JSON-LD; what cannot be read tells nothing."""
    for element in page.iter("script"):
        if (element.get("type") or "").lower() != "application/ld+json":
            continue
        try:
            todo: list[Any] = [json.loads(element.text or "")]
        except (ValueError, RecursionError):
            continue
        for _ in range(_MAX_NODES):
            if not todo:
                break
            node = todo.pop()
            if isinstance(node, list):
                todo += node
            elif isinstance(node, dict):
                todo += node.get("@graph", []) if isinstance(node.get("@graph"), list) else []
                yield node


def _text(value: Any) -> str | None:
    return fold(value) or None if isinstance(value, str) else None


def _first(page: Any, tag: str) -> str | None:
    element = next(page.iter(tag), None)
    return fold(str(element.text_content())) or None if element is not None else None


def _date(text: str | None) -> dt.date | None:
    found = find_date(text or "")
    return found[0] if found else None


def _language(tag: str | None) -> str | None:
    code = (tag or "").split("-")[0].strip().lower()
    return code if code.isalpha() and len(code) in (2, 3) else None
