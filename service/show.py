"""How the command line writes things for people: plain lines that a terminal can wrap."""

import dataclasses
import datetime as dt
import shlex
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from indexer.dates import spoken_date
from indexer.indexing import Outcome, Status
from indexer.records import TranscriptSummary
from indexer.transcript import Transcript

if TYPE_CHECKING:
    from service.abstention import Reason
    from service.answer import Answer
    from service.citations import Citation, Source
    from service.suggestions import Suggestion

WIDTH = 88
# Arabic and Indian scripts cannot be written without them.
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}"
# The rest of the places where the same is said is in the JSON.
MOST_PLACES = 5


def visible(text: str) -> str:
    """Text that a terminal shows and does not obey: control and format characters escaped."""
    return "".join(
        char if char.isprintable() or char in _JOINERS else ascii(char)[1:-1] for char in text
    )


def plain(value: Any) -> dict[str, Any]:
    """A frozen value as what JSON can hold."""
    return {
        key: item.isoformat() if isinstance(item, dt.date) else item
        for key, item in dataclasses.asdict(value).items()
    }


def outcome_lines(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, bool]]:
    """A line for each file that needs a word, then the sum; with whether it is a problem."""
    for outcome in outcomes:
        if outcome.status is Status.FAILED:
            yield f"failed   {outcome.reason}", True
        elif outcome.status is Status.SKIPPED:
            yield f"skipped  {outcome.path}: {outcome.reason}", True
        for warning in outcome.warnings:
            yield f"warning  {outcome.path}: {warning}", True
    counts = Counter(outcome.status for outcome in outcomes)
    passages = sum(outcome.passages for outcome in outcomes)
    parts = [f"{counts[status]} {status}" for status in Status if counts[status]]
    yield f"{', '.join(parts) or 'no files'}; {passages} new passages", False


def answer_lines(answer: "Answer") -> list[str]:
    """The answer as one would read it: who said it, the question, the words, the place.

    Where nobody answers, first why, then the same of the nearest passages.
    """
    parts = [_citation_lines(citation) for citation in answer.citations]
    if answer.reason is not None:
        parts.insert(0, _reason_lines(answer.reason, bool(answer.citations)))
    if answer.suggestions:
        parts.append([_suggestion_line(suggestion) for suggestion in answer.suggestions])
    return [line for part in parts for line in ("", *part)][1:]


def _reason_lines(reason: "Reason", nearest: bool) -> list[str]:
    if not nearest:
        return textwrap.wrap(reason.detail, WIDTH)
    if reason.without:
        return [*textwrap.wrap(reason.detail, WIDTH), "Nearest passages within these limits:"]
    return textwrap.wrap(f"{reason.detail.removesuffix('.')}; nearest passages:", WIDTH)


def _suggestion_line(suggestion: "Suggestion") -> str:
    given = (
        ("--speaker", suggestion.speaker),
        ("--from", suggestion.date_from),
        ("--to", suggestion.date_to),
    )
    options = " ".join(f"{name} {shlex.quote(str(value))}" for name, value in given if value)
    return f"Only {suggestion.label}: {options}"


def _citation_lines(citation: "Citation") -> list[str]:
    head = f"[{citation.rank}] {_who(citation)}, {_when(citation)}, paragraph {citation.paragraph}"
    lines = [head, *_indent(citation.title)]
    if citation.asked is not None:
        lines += _indent(f"Asked: {citation.asked.text}")
    lines += [*_indent(f"“{citation.quote}”"), f"    {citation.href}"]
    for source in citation.also[:MOST_PLACES]:
        place = f"{source.title}, {_when(source)}, paragraph {source.paragraph}"
        lines += [*_indent(f"Also: {place}"), f"    {source.href}"]
    if (more := len(citation.also) - MOST_PLACES) > 0:
        lines += _indent(f"Also in {more:,} more places")
    return lines


def hit_lines(answer: "Answer") -> list[str]:
    """One line for each passage: rank, score, speaker, id and first words."""
    if answer.reason is not None and not answer.citations:
        return _reason_lines(answer.reason, nearest=False)
    return [
        f"{citation.rank:3} {citation.score:.3f} {citation.passage_id}  {_who(citation)}: "
        + textwrap.shorten(citation.quote, 70, placeholder=" …")
        for citation in answer.citations
    ]


def summary_line(summary: TranscriptSummary) -> str:
    """Id, date, size and title of a transcript."""
    date = summary.date.isoformat() if summary.date else "undated   "
    return f"{summary.id}  {date}  {summary.turns} turns  {summary.title}"


def transcript_lines(transcript: Transcript) -> list[str]:
    """The transcript, each paragraph with its number."""
    date = spoken_date(transcript.date) if transcript.date else "undated"
    lines = [transcript.title, date]
    for turn in transcript.turns:
        speaker = turn.speaker.name if turn.speaker else "(not named)"
        lines += ["", f"{speaker} [{turn.role}]"]
        for paragraph in turn.paragraphs:
            lines += textwrap.wrap(
                paragraph.text,
                WIDTH,
                initial_indent=f"{paragraph.number:5}  ",
                subsequent_indent=" " * 7,
            )
    return lines


def _who(citation: "Citation") -> str:
    return citation.speaker.name if citation.speaker else "Speaker not named"


def _when(place: "Citation | Source") -> str:
    return spoken_date(place.date) if place.date else "undated"


def _indent(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
