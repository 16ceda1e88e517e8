"""Markdown → blocks and front matter. Markup by markdown-it-py (CommonMark), YAML by PyYAML."""

import datetime as dt
import re
from dataclasses import replace
from typing import Any

from indexer.dates import find_date
from indexer.errors import TranscriptError
from indexer.formats.blocks import Block, Draft, Kind, Metadata
from indexer.formats.decoding import decode
from indexer.formats.plain import read_blocks as read_plain
from indexer.formats.prose import read_prose
from indexer.labels import read_label
from indexer.transcript import fold

MAX_MATTER = 500  # lines
MAX_PARAGRAPH = 20_000  # characters
_PARAGRAPH_BREAK = re.compile(r"\n\s*\n")
_FIELD = re.compile(
    r"(?:title|date|published\w*|lang|language|speakers?|tags|url|source\w*)\s*:", re.I
)
_TAG = re.compile(r"</?([a-zA-Z][\w-]*)")
_MARKUP_TAGS = frozenset(
    "a abbr b blockquote center cite code div em font hr i img ins li mark ol p s small span "
    "strike strong sub sup u ul".split()
)


def read(data: bytes, source: str) -> Draft:
    """The draft of a Markdown file with its front matter."""
    text, warnings = decode(data, source)
    metadata, body, offset = split_front_matter(text, source)
    draft = read_prose(read_blocks(body, offset), metadata)
    draft.warnings += warnings
    return draft


def split_front_matter(text: str, source: str) -> tuple[Metadata, str, int]:
    """What the YAML front matter says, the text below it, and the lines that it took.

    Raises TranscriptError for front matter that is not YAML or not a mapping. Rules around a
    first paragraph are front matter only if one of the usual fields stands between them.
    """
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].strip() != "---":
        return Metadata(), text, 0
    end = next(
        (at for at, line in enumerate(lines[1:MAX_MATTER], 1) if line.strip() in ("---", "...")),
        None,
    )
    if end is None or not any(_FIELD.match(line) for line in lines[1:end]):
        return Metadata(), text, 0
    fields = _load_yaml("".join(lines[1:end]), source)
    return _metadata(fields), "".join(lines[end + 1 :]), end + 1


def _load_yaml(text: str, source: str) -> dict[str, Any]:
    import yaml

    try:
        # The base loader makes strings of everything and resolves no tags: nothing to exploit.
        fields = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark else 1
        raise TranscriptError(
            source, "the front matter is not valid YAML: mend it or remove it", line
        ) from error
    if fields in (None, ""):
        return {}
    if not isinstance(fields, dict):
        raise TranscriptError(source, "the front matter is not a list of `key: value` lines", 2)
    return fields


def _metadata(fields: dict[str, Any]) -> Metadata:
    def text(*keys: str) -> str | None:
        values = (fields.get(key) for key in keys)
        return next((fold(value) for value in values if isinstance(value, str) and value), None)

    speakers = fields.get("speakers", ())
    names = [speakers] if isinstance(speakers, str) else speakers
    dated = find_date(text("date", "published", "published_time") or "")
    date: dt.date | None = dated[0] if dated else None
    return Metadata(
        title=text("title"),
        date=date,
        language=text("language", "lang"),
        speakers=tuple(fold(name) for name in names if isinstance(name, str)),
    )


def read_blocks(text: str, offset: int = 0) -> list[Block]:
    """Blocks of a Markdown body; `offset` lines stood above it in the file.

    Emphasis and links take time with the square of a paragraph's length: a text with one that is
    longer than people write is read as plain text.
    """
    if max(map(len, _PARAGRAPH_BREAK.split(text))) > MAX_PARAGRAPH:
        return [replace(block, line=block.line + offset) for block in read_plain(text)]
    from markdown_it import MarkdownIt

    # Indented code is how some transcripts set off speech, never code.
    # Setext headings and link definitions would swallow words that were spoken.
    off = ["code", "html_block", "lheading", "reference"]
    parser = MarkdownIt("commonmark", {"maxNesting": 200}).disable(off)
    blocks: list[Block] = []
    enclosing: list[Any] = []
    # A line with nothing but a no-break space parts paragraphs for people, not for CommonMark.
    text = "".join("\n" if line.isspace() else line for line in text.splitlines(keepends=True))
    for token in parser.parse(text):
        if token.nesting == 1:
            enclosing.append(token)
        elif token.nesting == -1:
            enclosing.pop()
        elif token.type == "inline":
            line = offset + (token.map[0] + 1 if token.map else 1)
            blocks.extend(_read_inline(token.children or [], line, *_kind(enclosing)))
        elif token.type == "fence":
            line = offset + (token.map[0] + 1 if token.map else 1)
            blocks.append(Block(token.content.strip(), line))
    return [block for block in blocks if block.text or block.label]


def _kind(enclosing: list[Any]) -> tuple[Kind, str]:
    """What the block is, and the markup that CommonMark took for syntax.

    '1985. That was the year' is speech: a number at the start is put back, not taken for a list.
    """
    for token in reversed(enclosing):
        if token.type == "heading_open":
            return Kind.HEADING, token.markup
        if token.type == "list_item_open":
            ordered = f"{token.info}{token.markup}" if token.info else ""
            return (Kind.TEXT, ordered) if ordered else (Kind.ITEM, "")
    return Kind.TEXT, ""


def _read_inline(tokens: list[Any], line: int, kind: Kind, markup: str) -> list[Block]:
    """One Markdown paragraph as blocks: a bold label comes off, a line with a label splits."""
    label, tokens = _bold_label(tokens)
    text = "".join(_plain(token) for token in tokens)
    if label is not None or kind is not Kind.TEXT:
        return [Block(text.removeprefix(":").strip(), line, kind, label, markup=markup)]
    if markup:
        text = f"{markup} {text}"
    return [
        Block(block.text, line + block.line - 1, kind, None, block.continues or block.line > 1)
        for block in read_plain(text)
    ]


def _bold_label(tokens: list[Any]) -> tuple[str | None, list[Any]]:
    """`**Name:** words` and `**Name**: words` as label and the tokens after it."""
    rest = list(tokens)
    while rest and rest[0].type == "text" and not rest[0].content.strip():
        rest.pop(0)
    if not rest or rest[0].type not in ("strong_open", "em_open"):
        return None, tokens
    close = rest[0].type.replace("open", "close")
    end = next((at for at, token in enumerate(rest) if token.type == close), None)
    if end is None:
        return None, tokens
    bold = fold("".join(_plain(token) for token in rest[:end]))
    after = "".join(_plain(token) for token in rest[end + 1 :])
    # A name alone in bold is perhaps a label on a line of its own.
    marked = bold.endswith(":") or after.startswith(":") or not after.strip()
    if not marked or read_label(bold) is None:
        return None, tokens
    return bold.rstrip(": "), rest[end + 1 :]


def _plain(token: Any) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type == "image":
        return ""
    if token.type == "html_inline":
        tag = _TAG.match(token.content)
        if tag and tag[1].lower() == "br":
            return "\n"
        # '<inaudible>' is the transcriber's word, '<b>' is markup.
        return "" if tag and tag[1].lower() in _MARKUP_TAGS else str(token.content)
    return str(token.content)
