"""Where on a page the article stands, and what the page says about it: title, date, language.

Judges by what the page declares (schema.org, Open Graph, ids and classes), then by where most of
its words are. What is left beside the article is kept as dropped, with the reason.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from indexer.dates import find_date
from indexer.formats.blocks import Dropped, Metadata
from indexer.formats.html_tree import Node, descend, text_of
from indexer.labels import split_label
from indexer.transcript import fold

_TRANSCRIPT_WORDS = frozenset("transcript transcripts transcription".split())
# With these a class speaks of the transcript and is not it.
_COMPANION_WORDS = frozenset(
    "btn button buttons disclaimer download heading header icon intro label link links nav note "
    "notes notice player search speaker tab tabs time timestamp title toggle".split()
)
_ARTICLE_CLASSES = frozenset(
    "article article-body article-content content entry-content main main-content page-content "
    "post-content story-body".split()
)
_CONTAINERS = frozenset("article body center div fieldset font form html main section span".split())
_DESCRIBED = re.compile(r"Article|Posting|Episode|Report|Interview|Speech|(?:Video|Audio)Object")
_DATE_KEYS = ("datePublished", "uploadDate", "startDate", "dateCreated")
_DATE_METAS = (
    "article:published_time og:article:published_time datepublished date dc.date dc.date.issued "
    "dcterms.date dcterms.created dcterms.issued citation_date citation_publication_date "
    "publish_date publication_date pubdate"
).split()
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}")
_AFTER_TITLE = re.compile(r"\s*[|–—:·»•-]\s")
_DATE_LINE = 150  # characters


@dataclass(frozen=True, slots=True)
class Content:
    """The nodes of the transcript in their order, and what stood around them."""

    roots: tuple[Node, ...]
    dropped: tuple[Dropped, ...]


def find_content(page: Node) -> Content:
    """The transcript where the page marks one, else the article, else all of the page."""
    marked = _marked_transcript(page)
    roots = marked or (_article(page),)
    return Content(roots, tuple(_left_out(page, set(roots))))


def is_transcript(node: Node) -> bool:
    """Whether the page calls a part of it the transcript."""
    if node.get("itemprop").lower() == "transcript":
        return True
    words = node.words
    return bool(words & _TRANSCRIPT_WORDS) and not words & _COMPANION_WORDS


def _marked_transcript(page: Node) -> tuple[Node, ...]:
    """What is marked as the transcript, if it is a quarter of the page's words or more."""
    marked: list[Node] = []
    inside: set[Node] = set()
    for node in descend(page):
        if node.parent in inside or (node.parent is not None and node.parent in marked[-1:]):
            inside.add(node)
        elif node.tag not in ("html", "body") and is_transcript(node) and node.weight:
            marked.append(node)
    weight = sum(node.weight for node in marked)
    if not marked or weight * 4 < page.weight:
        return ()
    common = _common_ancestor(marked)
    one_by_one = len(marked) > 2 and len({(one.tag, one.get("class")) for one in marked}) == 1
    if one_by_one or common.weight * 2 <= weight * 3:
        return (_article(common),)
    return tuple(marked)


def _common_ancestor(nodes: list[Node]) -> Node:
    """The lowest node that all are inside of, or the only one."""
    common = nodes[0]
    above = {common}
    up = common
    while up.parent is not None:
        up = up.parent
        above.add(up)
    seen: set[Node] = set()
    for node in nodes[1:]:
        while node not in above and node not in seen and node.parent is not None:
            seen.add(node)
            node = node.parent
        if node in above:
            while common is not node and common.parent is not None:
                above.discard(common)
                common = common.parent
    return common


def _article(top: Node) -> Node:
    """Goes down from `top` while one child holds the words and the rest is no speech."""
    node = top
    while node.weight:
        heavy = max((child for child in node.nodes if not child.dropped), key=_weight, default=None)
        if heavy is None or heavy.tag not in _CONTAINERS:
            break
        beside = [child for child in node.nodes if child is not heavy and _weight(child)]
        if heavy.weight < node.weight and not _is_article(heavy):
            direct = any(isinstance(child, str) and child.strip() for child in node.children)
            if direct or heavy.weight * 5 < node.weight * 3:
                break
        elif heavy.weight * 2 < node.weight:
            break
        if any(_may_speak(child, heavy) for child in beside):
            break
        node = heavy
    return node


def _weight(node: Node) -> int:
    return 0 if node.dropped else node.weight


def _is_article(node: Node) -> bool:
    classes = {*node.get("class").lower().split(), node.get("id").lower()}
    return (
        node.tag in ("main", "article")
        or node.get("role").lower() == "main"
        or node.get("itemprop").lower() == "articlebody"
        or bool(classes & _ARTICLE_CLASSES)
    )


def _may_speak(node: Node, heavy: Node) -> bool:
    """Whether a node beside the heaviest may be a part of the same conversation."""
    if (node.tag, node.get("class")) == (heavy.tag, heavy.get("class")):
        return True
    if node.tag in ("p", "dl", "dt", "dd", "blockquote", "pre", "table", "cite", "tr", "td"):
        return True
    text = fold(text_of(node)) if node.size < 200 else ""
    found = split_label(text)
    return "?" in text or (found is not None and not found[0].is_header_key)


def _left_out(page: Node, roots: set[Node]) -> Iterator[Dropped]:
    """What is not read: furniture anywhere, and whatever stands outside of the roots."""
    above: set[Node] = set()
    for root in roots:
        node: Node | None = root.parent
        while node is not None and node not in above:
            above.add(node)
            node = node.parent
    stack: list[tuple[Node | str, bool, int]] = [(page, page in roots, page.line)]
    while stack:
        one, inside, line = stack.pop()
        if isinstance(one, str):
            if not inside and one.strip():
                yield Dropped(line, fold(one), "beside the article")
            continue
        inside = inside or one in roots
        if one.dropped or not (inside or one in above):
            text = fold(text_of(one, everything=True)) if one.dropped != "not shown" else ""
            if text:
                yield Dropped(one.line, text, one.dropped or "beside the article")
            continue
        stack.extend((child, inside, one.line) for child in reversed(one.children))


def read_metadata(page: Node, content: Content) -> Metadata:
    """Title, date and language by what the page declares."""
    metas = _metas(page)
    described = _json_ld(page)
    return Metadata(
        title=_title(page, metas, described),
        date=_date(page, metas, described) or _date_above(content),
        language=_language(content.roots[0], metas),
    )


def _all(page: Node, *tags: str) -> Iterator[Node]:
    """All nodes of some tags, left out or not."""
    stack = [page]
    while stack:
        node = stack.pop()
        if node.tag in tags:
            yield node
        stack.extend(reversed(node.nodes))


def _metas(page: Node) -> dict[str, str]:
    metas: dict[str, str] = {}
    for node in _all(page, "meta"):
        for name in (node.get("property"), node.get("name"), node.get("itemprop")):
            if name and node.get("content").strip():
                metas.setdefault(name.lower(), fold(node.get("content")))
    return metas


def _json_ld(page: Node) -> dict[str, Any]:
    """The schema.org description of the article, {} if there is none."""
    for node in _all(page, "script"):
        if node.get("type").lower().strip() != "application/ld+json":
            continue
        try:
            waiting = [json.loads(text_of(node, everything=True))]
        except (ValueError, RecursionError):
            continue
        while waiting:
            one = waiting.pop(0)
            if isinstance(one, list):
                waiting = one[:50] + waiting
            elif isinstance(one, dict):
                if _DESCRIBED.search(str(one.get("@type"))[:200]):
                    return one
                waiting += [one[key] for key in ("@graph", "mainEntity") if key in one]
    return {}


def _title(page: Node, metas: dict[str, str], described: dict[str, Any]) -> str | None:
    heads = [title for node in _all(page, "h1") if (title := fold(text_of(node)))]
    titles = [title for node in _all(page, "title") if (title := fold(text_of(node)))]
    declared = (described.get("headline"), described.get("name"), metas.get("og:title"))
    named = [fold(one) for one in declared if isinstance(one, str) and one.strip()]
    found = named or heads[: len(heads) == 1] or titles or heads
    if not found:
        return None
    title = found[0]
    for head in heads:
        if title.startswith(head) and _AFTER_TITLE.match(title, len(head)):
            return head
    site = metas.get("og:site_name", "")
    bare = title.removesuffix(site).rstrip(" |–—-·") if site else title
    return bare or title


def _date(page: Node, metas: dict[str, str], described: dict[str, Any]) -> dt.date | None:
    told = [described.get(key) for key in _DATE_KEYS] + [metas.get(name) for name in _DATE_METAS]
    shown = [node.get("datetime") for node in descend(page) if node.tag == "time"]
    times = shown + [node.get("datetime") for node in _all(page, "time")]
    for text in [*told, *times]:
        found = find_date(text[:100]) if isinstance(text, str) else None
        if found:
            return found[0]
    return None


def _date_above(content: Content) -> dt.date | None:
    """A date in a short line above the article, the nearest first."""
    first = min(root.line for root in content.roots)
    lines = [one for one in content.dropped if one.line <= first and len(one.text) <= _DATE_LINE]
    found = (find_date(one.text) for one in reversed(lines))
    return next((date[0] for date in found if date), None)


def _language(root: Node, metas: dict[str, str]) -> str | None:
    node: Node | None = root
    told = []
    while node is not None:
        told.append(node.get("lang") or node.get("xml:lang"))
        node = node.parent
    told += [metas.get("language", ""), metas.get("og:locale", "")]
    fitting = (one.strip().replace("_", "-") for one in told)
    return next((one for one in fitting if _LANGUAGE.fullmatch(one)), None)
