"""HTML text → a tree of plain nodes, by libxml2 through lxml; which parts of a page are furniture.

The tree is our own because libxml2's takes quadratic time for many attributes and ends, without
a word, 2048 tags deep. Knows nothing of speakers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# Not inside a function: this module is imported only for HTML, and `formats` says which extra is
# missing if the import fails.
from lxml import etree

from indexer.errors import TranscriptError

MAX_TAGS = 500_000
# The parser compares an end tag with every open one.
MAX_DEPTH = 2000
_CHUNK = 2**13
_KEPT = frozenset(
    "aria-hidden class content data-speaker data-speaker-name datetime hidden href id itemprop "
    "lang name property role style type xml:lang".split()
)

BLOCK_TAGS = frozenset(
    "address article aside blockquote body caption center dd details dir div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend li listing main menu "
    "nav ol p plaintext pre section summary table tbody td tfoot th thead tr ul xmp".split()
)
# What holds no words that are shown.
_SILENT_TAGS = frozenset(
    "audio canvas embed head iframe map math noscript object rp rt script style svg template "
    "title video".split()
)
_FURNITURE_TAGS = frozenset(
    "aside button datalist dialog figcaption footer header meter nav output progress select "
    "textarea".split()
)
_FURNITURE_ROLES = frozenset(
    "alert banner complementary contentinfo dialog menu menubar navigation search toolbar".split()
)
_FURNITURE_WORDS = frozenset(
    "ad ads advert advertisement breadcrumb breadcrumbs byline consent cookie cookies copyright "
    "disclaimer footer masthead menu nav navbar navigation newsletter pager pagination popup promo "
    "pullquote recommended related share sharedaddy sharing sidebar signup skip social subscribe "
    "toc toolbar".split()
)
_COMMENT_WORDS = frozenset("commentlist comments disqus respond".split())
_NAMED_TAGS = frozenset("article div dl form main nav ol pre section table tbody ul".split())
_HIDDEN_CLASSES = frozenset(
    "d-none hidden invisible screen-reader-text sr-only visually-hidden visuallyhidden".split()
)
_HIDDEN_STYLE = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
# A link into the recording is no way out of the page.
_INNER_LINK = re.compile(r"#|javascript:|.*[?&#](?:t|ts|time|start)=\d", re.IGNORECASE | re.DOTALL)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LINKS = 3


@dataclass(slots=True, eq=False)
class Node:
    """An element: its shown characters (`weight`), those in links, and why it is left out."""

    tag: str
    line: int
    attributes: dict[str, str]
    parent: "Node | None" = None
    children: "list[Node | str]" = field(default_factory=list)
    weight: int = 0
    size: int = 1
    linked: int = 0
    links: int = 0
    dropped: str | None = None

    def get(self, name: str) -> str:
        return self.attributes.get(name, "")

    @property
    def nodes(self) -> "list[Node]":
        return [child for child in self.children if isinstance(child, Node)]

    @property
    def words(self) -> set[str]:
        """The words that its class and id are made of: 'speakerName' has two.

        The id of running text is made from what is said there, and tells nothing.
        """
        named = self.get("id") if self.tag in _NAMED_TAGS else ""
        return {word.lower() for word in _WORD.findall(f"{self.get('class')} {named}"[:500])}


class _TooDeep(Exception):
    pass


class _Builder:
    """Receives the parser's events; `line` is set from outside."""

    def __init__(self) -> None:
        self.root = Node("html", 1, {})
        self.open = [self.root]
        self.line = 1

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) > MAX_DEPTH:
            raise _TooDeep
        kept = {key: value for key, value in attributes.items() if key in _KEPT}
        node = Node(tag, self.line, kept, self.open[-1])
        self.open[-1].children.append(node)
        self.open.append(node)

    def end(self, tag: str) -> None:
        if len(self.open) > 1:
            self.open.pop()

    def data(self, text: str) -> None:
        self.open[-1].children.append(text)

    def close(self) -> Node:
        return self.root


def parse_page(text: str, source: str) -> Node:
    """The tree of a page, with its furniture marked. Raises TranscriptError for hostile pages."""
    if text.count("<") > MAX_TAGS:
        raise TranscriptError(source, f"has over {MAX_TAGS:,} tags: split it or save it as text")
    builder = _Builder()
    parser = etree.HTMLParser(target=builder, encoding="utf-8", huge_tree=True)
    try:
        for line, chunk in _chunks(text):
            builder.line = line
            parser.feed(chunk.encode("utf-8", "replace"))
        parser.close()
    except _TooDeep as error:
        reason = f"its tags are nested over {MAX_DEPTH} deep: save the page as text"
        raise TranscriptError(source, reason, builder.line) from error
    except etree.LxmlError as error:
        raise TranscriptError(source, "there is nothing on the page") from error
    _weigh(builder.root)
    _mark_furniture(builder.root)
    _weigh(builder.root)
    return builder.root


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """Small pieces with their lines: an error ends the parser only between pieces."""
    for number, line in enumerate(text.split("\n"), start=1):
        line = f"{line}\n"
        for at in range(0, len(line), _CHUNK):
            yield number, line[at : at + _CHUNK]


def descend(root: Node) -> Iterator[Node]:
    """All nodes that are not left out, in the order of the page."""
    stack = [root]
    while stack:
        node = stack.pop()
        if node.dropped is None:
            yield node
            if node.dropped is None:  # it may be left out while it is looked at
                stack.extend(reversed(node.nodes))


def text_of(root: Node, *, everything: bool = False) -> str:
    """The words of a node, those of its blocks apart; `everything` takes what is left out too."""
    parts: list[str] = []
    stack: list[Node | str] = [root]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            parts.append(one)
        elif one is root or everything or one.dropped is None:
            if one.tag == "br":
                parts.append("\n")
            if one.tag in BLOCK_TAGS:
                parts.append("\n")
                stack.append("\n")
            stack.extend(reversed(one.children))
    return "".join(parts)


def _weigh(root: Node) -> None:
    """Counts characters, nodes and links from the leaves up."""
    order = list(descend(root))
    for node in order:
        node.weight = node.linked = node.links = 0
        node.size = 1
    for node in reversed(order):
        if node.tag in _SILENT_TAGS:
            node.dropped = "not shown"
            node.weight = 0
            continue
        strings = (child for child in node.children if isinstance(child, str))
        node.weight += sum(len("".join(text.split())) for text in strings)
        if node.tag == "a" and node.get("href") and not _INNER_LINK.match(node.get("href")):
            node.linked, node.links = node.weight, 1
        if node.parent is not None:
            node.parent.weight += node.weight
            node.parent.size += node.size
            node.parent.linked += node.linked
            node.parent.links += node.links


def _mark_furniture(root: Node) -> None:
    """Marks what is no part of an article. What holds half of a page's words is no furniture."""
    headers = sum(node.tag == "header" for node in descend(root))
    for node in descend(root):
        reason = _furniture(node, many_headers=headers > _LINKS)
        if reason and node.weight * 2 < root.weight:
            node.dropped = reason
        elif node.words & _COMMENT_WORDS and node.weight * 10 < root.weight * 9:
            # Readers may write more than was said.
            node.dropped = "comments"


def _furniture(node: Node, *, many_headers: bool) -> str | None:
    tag, classes = node.tag, node.get("class").lower().split()
    if (
        "hidden" in node.attributes
        or node.get("aria-hidden").lower() == "true"
        or _HIDDEN_CLASSES.intersection(classes)
        or _HIDDEN_STYLE.search(node.get("style"))
    ):
        return "hidden on the page"
    if tag == "header" and many_headers and node.weight <= 90 and not node.links:
        return None  # each turn has its own
    if tag in _FURNITURE_TAGS or node.get("role").lower() in _FURNITURE_ROLES or tag == "form":
        return "page furniture"
    if tag not in ("html", "body") and node.words & _FURNITURE_WORDS:
        return "page furniture"
    if tag == "sup" and node.weight <= 4 and any(child.tag == "a" for child in node.nodes):
        return "note mark"
    dense = node.links >= _LINKS and node.linked * 10 >= node.weight * 7
    return "links" if dense and tag in BLOCK_TAGS else None
