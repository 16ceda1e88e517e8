"""Markdown → blocks and front matter. Markup by markdown-it-py (CommonMark), YAML by PyYAML."""

import datetime as dt
from typing import Any

from indexer.dates import find_date
from indexer.errors import TranscriptError
from indexer.formats.blocks import Block, Kind, Metadata
from indexer.labels import read_label
from indexer.transcript import fold


def read_markdown(text: str, source: str) -> tuple[list[Block], Metadata]:
    """The blocks of a Markdown text and what its front matter tells."""
    metadata, body, offset = split_front_matter(text, source)
    return read_blocks(body, offset), metadata


def split_front_matter(text: str, source: str) -> tuple[Metadata, str, int]:
    """What the YAML front matter says, the text below it, and the lines that it took.

    Raises TranscriptError for front matter that is not YAML or not a mapping.
    """
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].strip() != "---":
        return Metadata(), text, 0
    end = next((at for at, line in enumerate(lines[1:], 1) if line.strip() in ("---", "...")), None)
    if end is None:
        return Metadata(), text, 0
    fields = _load_yaml("".join(lines[1:end]), source)
    return _metadata(fields), "".join(lines[end + 1 :]), end + 1


def _load_yaml(text: str, source: str) -> dict[str, Any]:
    import yaml

    try:
        # The base loader makes strings of everything and resolves no tags: nothing to exploit.
        fields = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except yaml.YAMLError as error:
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
    """Blocks of a Markdown body; `offset` lines stood above it in the file."""
    from markdown_it import MarkdownIt

    # Indented code is how some transcripts set off speech, never code.
    parser = MarkdownIt("commonmark").disable(["code", "html_block"])
    blocks: list[Block] = []
    enclosing: list[str] = []
    for token in parser.parse(text):
        if token.nesting == 1:
            enclosing.append(token.type)
        elif token.nesting == -1:
            enclosing.pop()
        elif token.type == "inline":
            line = offset + (token.map[0] + 1 if token.map else 1)
            kind = _kind(enclosing)
            blocks.extend(_read_inline(token.children or [], line, kind))
        elif token.type == "fence":
            line = offset + (token.map[0] + 1 if token.map else 1)
            blocks.append(Block(token.content.strip(), line))
    return [block for block in blocks if block.text or block.label]


def _kind(enclosing: list[str]) -> Kind:
    if "heading_open" in enclosing:
        return Kind.HEADING
    return Kind.ITEM if "list_item_open" in enclosing else Kind.TEXT


def _read_inline(tokens: list[Any], line: int, kind: Kind) -> list[Block]:
    """One Markdown paragraph as blocks: a bold label comes off, a line with a label splits."""
    label, tokens = _bold_label(tokens)
    text = "".join(_plain(token) for token in tokens)
    if label is not None or kind is not Kind.TEXT:
        return [Block(text.removeprefix(":").strip(), line, kind, label)]
    from indexer.formats.plain import read_blocks as read_plain

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
    if not (bold.endswith(":") or after.startswith(":")) or read_label(bold) is None:
        return None, tokens
    return bold.rstrip(": "), rest[end + 1 :]


def _plain(token: Any) -> str:
    if token.type in ("softbreak", "hardbreak"):
        return "\n"
    if token.type in ("image", "html_inline"):
        return ""
    return str(token.content)
