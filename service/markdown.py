"""An answer → Markdown: what was said, with a footnote for every citation.

All words of transcripts are escaped: rendered, a quote stands to the letter, and nothing in it
becomes a link, a tag or a formula. Judges nothing; uses no language model.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer.dates import spoken_date
from indexer.transcript import fold
from service.answer import Answer
from service.citations import Citation

# CommonMark's marks, and those of mathematics and highlighting that chat pages render.
_MARKUP = re.compile(r"[\\`*_\[\]{}<>#&|~$^=!]")
NEAREST = "The nearest passages, which do not answer it:"


@dataclass(frozen=True, slots=True)
class Cited:
    """Where in the Markdown the citation's sentence and mark stand; `end` is exclusive."""

    citation: Citation
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Written:
    """Markdown, in blocks that joined give all of it, and where each citation stands in that."""

    blocks: tuple[str, ...]
    cited: tuple[Cited, ...]


def escape(text: str) -> str:
    """Text as Markdown that shows just that text, within a line; white space is folded."""
    return _MARKUP.sub(r"\\\g<0>", fold(text))


def write(answer: Answer, base: str) -> Written:
    """The answer in Markdown; links begin with `base`, an address without a slash at its end.

    Where nobody answers, the reason comes first, and the passages are marked as the nearest.
    """
    blocks: list[str] = []
    if answer.reason is not None:
        blocks.append(f"{escape(answer.reason.detail)}\n\n")
        if answer.citations:
            blocks.append(f"**{NEAREST}**\n\n")
    cited = []
    at = sum(map(len, blocks))
    for citation in answer.citations:
        block = _said(citation)
        cited.append(Cited(citation, at, at + len(block)))
        blocks.append(f"{block}\n\n")
        at += len(blocks[-1])
    blocks += _footnotes(answer, base)
    return Written((*blocks[:-1], blocks[-1].rstrip("\n")), tuple(cited))


def _said(citation: Citation) -> str:
    """Who says it, and the sentence that answers; marked where it is not all that is quoted."""
    start, end = citation.highlight
    sentence = citation.quote[start - citation.start : end - citation.start]
    before = "… " if start > citation.start else ""
    after = " …" if end < citation.end else ""
    words = f"“{before}{escape(sentence)}{after}”"
    return f"**{escape(_who(citation))}:** {words}[^{citation.rank}]"


def _footnotes(answer: Answer, base: str) -> Iterator[str]:
    for citation in answer.citations:
        date = spoken_date(citation.date) if citation.date else "undated"
        asked = f" Asked: “{escape(citation.asked.text)}”" if citation.asked else ""
        yield (
            f"[^{citation.rank}]: {escape(_who(citation))}, {date}, "
            f"[{escape(citation.title)}, paragraph {citation.paragraph}]({base}{citation.href}): "
            f"“{escape(citation.quote)}”{asked}\n\n"
        )


def _who(citation: Citation) -> str:
    return citation.speaker.name if citation.speaker else "Speaker not named"
