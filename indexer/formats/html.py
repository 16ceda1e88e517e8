"""A web page → its speech: the article found, furniture left out, speakers as the page marks them.

Parsing is libxml2's (`html_tree`); where the article stands is `html_content`'s work, its lines
and marks `html_lines`'. Scripts are not run: what they would load is not on the page.
"""

import codecs
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from indexer.errors import TranscriptError
from indexer.formats.blocks import Block, Draft, Kind, Metadata, RawParagraph, RawTurn
from indexer.formats.decoding import decode
from indexer.formats.html_content import Content, find_content, is_transcript, read_metadata
from indexer.formats.html_lines import read_lines
from indexer.formats.html_runs import Line
from indexer.formats.html_tree import Node, descend, parse_page
from indexer.formats.labelling import read_labels
from indexer.formats.prose import read_prose
from indexer.formats.segments import raw_turn
from indexer.labels import Label, read_label, split_label
from indexer.transcript import Role, fold

# Less than this on a page that names nobody is a notice, not speech.
MIN_WORDS = 40
_CHARSET = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*[\"']?\s*([\w.:-]{2,40})", re.I
)
_CHARSET_BYTES = 4096
_CODECS = ("cp", "iso8859", "koi8", "mac", "shift_jis", "euc", "gb", "big5", "iso2022", "tis")
# A page that says Latin-1 or ASCII means Windows' encoding, as every browser knows.
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252"}
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*$")
_DIRECTION = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_AFTER_BOLD = re.compile(r"(?P<note>\([^()]{1,80}\))?\s*(?P<colon>[:：])\s*")
_DASH = re.compile(r"[–—-]\s*")


def read(data: bytes, source: str) -> Draft:
    """The draft of a web page. Raises TranscriptError where there is no speech on it."""
    text, warnings = _decode(data, source)
    page = parse_page(text, source)
    content = find_content(page)
    metadata = read_metadata(page, content)
    lines, beside = read_lines(content.roots)
    marked = sum(line.speaker is not None for line in lines)
    blocks = _blocks(lines)
    pieces = read_labels(blocks)
    labels = sum(piece.label is not None for piece in pieces)
    plain = sum(
        piece.label is not None and lines[piece.block.line - 1].speaker is None for piece in pieces
    )
    if marked and marked >= plain:
        draft = _read_marked(lines, blocks, metadata)
    else:
        draft = read_prose(blocks, metadata)
        if not labels:
            draft.turns = _part_questions(draft.turns, lines)
    _place(draft, lines)
    draft.dropped = sorted([*draft.dropped, *content.dropped, *beside], key=lambda one: one.line)
    draft.warnings += warnings
    _check(draft, page, content, source)
    return draft


def _decode(data: bytes, source: str) -> tuple[str, list[str]]:
    """The text of a page: UTF-8 if it is that, else in the encoding that the page declares."""
    declared = _CHARSET.search(data[:_CHARSET_BYTES])
    if declared and b"\0" not in data:
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            try:
                codec = codecs.lookup(declared[1].decode("ascii", "replace")).name
                codec = _MEANT.get(codec, codec)
                if codec.startswith(_CODECS):
                    return data.decode(codec), []
            except (LookupError, UnicodeDecodeError):
                pass
    return decode(data, Path(source))


def _blocks(lines: Sequence[Line]) -> list[Block]:
    """Lines as blocks, numbered through: `_place` puts the page's lines back."""
    names = Counter(key for line in lines if (key := _bold_key(line)))
    asking = Counter(line.level for line in lines if _is_question(line))
    blocks = []
    for number, line in enumerate(lines, start=1):
        # Where headings ask more than once they are spoken.
        asks = _is_question(line) and asking[line.level] > 1
        kind = Kind.TEXT if asks else line.kind
        label, text = line.speaker, line.text
        if label is None and line.kind is not Kind.HEADING:
            label, text = _bold_label(line, names)
        elif label is not None and read_label(label) is None:
            label, text = None, f"{label}: {text}"
        blocks.append(
            Block(
                text,
                number,
                kind,
                label,
                line.continues,
                markup=line.level,
                start_s=line.start_s,
            )
        )
    return blocks


def _is_question(line: Line) -> bool:
    return line.kind is Kind.HEADING and line.text.rstrip().endswith(("?", "؟", "？"))


def _bold_key(line: Line) -> str | None:
    label = read_label(line.bold) if line.bold and line.kind is not Kind.HEADING else None
    return label.key if label else None


def _bold_label(line: Line, names: Counter[str]) -> tuple[str | None, str]:
    """`<b>Name:</b> words`, `<b>Name</b> (Party): words`, and where it comes again, no colon."""
    key = _bold_key(line)
    if key is None:
        return None, line.text
    after = _AFTER_BOLD.match(line.rest)
    if line.bold.endswith((":", "：")) or not line.rest:
        return line.bold.rstrip(":： "), line.rest
    if after:
        return f"{line.bold} {after['note'] or ''}".strip(), line.rest[after.end() :]
    dash = _DASH.match(line.rest)
    rest = line.rest[dash.end() :] if dash else line.rest
    if names[key] > 1 and rest[:1] and not (rest[0].islower() or rest[0] in ",;.)"):
        return line.bold, rest
    return None, line.text


def _read_marked(lines: Sequence[Line], blocks: Sequence[Block], metadata: Metadata) -> Draft:
    """A page that names its speakers in the markup: other labels are words, unless they are bold,
    in capitals or of the same people."""
    first = next(at for at, line in enumerate(lines) if line.speaker is not None)
    # Title and date stand above the first speaker, as in prose that ends with one labelled word.
    end = Block("End", first + 1, label="End")
    draft = read_prose([*blocks[:first], end], metadata)
    draft.turns.pop()
    labels = {piece.label.key: piece.label for piece in read_labels(blocks) if piece.label}
    marks = [line.speaker or block.label for line, block in zip(lines, blocks, strict=True)]
    sure = {label.key for mark in marks if mark and (label := read_label(mark))}
    name: str | None = None
    paragraphs: list[RawParagraph] = []
    for line, block in zip(lines[first:], blocks[first:], strict=True):
        said, text = line.speaker, fold(line.text)
        found = _label_of(block) if said is None else None
        if found and found[0].key in labels and (found[0].is_strong or found[0].key in sure):
            said, text = block.label or found[0].name, fold(found[1])
        if said is not None and (said != name or _asks(name)):
            if paragraphs:
                draft.turns.append(raw_turn(name, paragraphs))
            name, paragraphs = said, []
        elif said is None and (reason := _not_speech(line, text)):
            draft.drop(Block(text, block.line), reason)
            continue
        if line.continues and said is None and paragraphs:
            last = paragraphs.pop()
            paragraphs.append(replace(last, text=f"{last.text} {text}"))
        elif text:
            paragraphs.append(RawParagraph(text, block.line, line.start_s))
    if paragraphs:
        draft.turns.append(raw_turn(name, paragraphs))
    return draft


def _label_of(block: Block) -> tuple[Label, str] | None:
    if block.label is None:
        return split_label(block.text) if block.kind is not Kind.HEADING else None
    label = read_label(block.label)
    return (label, block.text) if label else None


def _asks(name: str | None) -> bool:
    """Whether two turns of this name may be two people's: 'Question'."""
    label = read_label(name or "")
    return label is not None and label.asks


def _not_speech(line: Line, text: str) -> str | None:
    if line.kind is Kind.HEADING and not _SENTENCE_END.search(text):
        return "heading"
    return "stage direction" if _DIRECTION.fullmatch(text) else None


def _part_questions(turns: Sequence[RawTurn], lines: Sequence[Line]) -> list[RawTurn]:
    """An interview without names, its questions in bold or headings: whose words they are is not
    told, but which ask is."""

    def asks(paragraph: RawParagraph) -> bool:
        line = lines[paragraph.line - 1]
        return line.asks or _is_question(line)

    asked = [p for turn in turns for p in turn.paragraphs if asks(p)]
    spoken = sum(len(turn.paragraphs) for turn in turns)
    real = sum("?" in paragraph.text for paragraph in asked)
    if len(asked) < 2 or real * 2 < len(asked) or len(asked) * 3 > spoken * 2:
        return list(turns)
    parted: list[RawTurn] = []
    for turn in turns:
        run: list[RawParagraph] = []
        for paragraph in turn.paragraphs:
            if run and asks(run[-1]) != asks(paragraph):
                parted.append(_unnamed(run, asks(run[-1])))
                run = []
            run.append(paragraph)
        parted.append(_unnamed(run, asks(run[-1])))
    return parted


def _unnamed(paragraphs: Sequence[RawParagraph], asks: bool) -> RawTurn:
    role = Role.QUESTION if asks else None
    return RawTurn(None, tuple(paragraphs), role=role, nobody=True)


def _place(draft: Draft, lines: Sequence[Line]) -> None:
    """Gives paragraphs and what was dropped their lines on the page, paragraphs their times."""
    latest, backwards = 0.0, 0
    for at, turn in enumerate(draft.turns):
        placed = []
        for paragraph in turn.paragraphs:
            line = lines[paragraph.line - 1]
            start_s = paragraph.start_s
            if start_s is not None and start_s < latest:
                start_s = None
                backwards += 1
            latest = start_s if start_s is not None else latest
            # A heading that is speech has its level before it.
            text = paragraph.text.removeprefix(f"{line.level} ") if line.level else paragraph.text
            placed.append(replace(paragraph, text=text, line=line.line, start_s=start_s))
        draft.turns[at] = replace(turn, paragraphs=tuple(placed))
    draft.dropped = [replace(one, line=lines[one.line - 1].line) for one in draft.dropped]
    if backwards:
        draft.warnings.append(f"{backwards} of its times run backwards and were left out")


def _check(draft: Draft, page: Node, content: Content, source: str) -> None:
    """Raises TranscriptError for a page whose speech a script would load, or without any."""
    if any(turn.label is not None or turn.speaker is not None for turn in draft.turns):
        return
    words = sum(len(p.text.split()) for turn in draft.turns for p in turn.paragraphs)
    places = [node for node in descend(page) if is_transcript(node) and node not in content.roots]
    scripted = any(node.tag == "script" for node in _scripts(page))
    if scripted and (any(node.weight < MIN_WORDS for node in places) or not words):
        raise TranscriptError(
            source,
            "there is no text of a transcript on the page, a script loads it: save the page from "
            "a browser when the words are shown",
            min((node.line for node in places), default=None),
        )
    if words < MIN_WORDS and not any(p.role for p in draft.turns):
        raise TranscriptError(source, f"there is no speech on it: {words} words, and nobody named")


def _scripts(page: Node) -> list[Node]:
    found, stack = [], [page]
    while stack:
        node = stack.pop()
        if node.tag == "script":
            found.append(node)
        stack.extend(node.nodes)
    return found
