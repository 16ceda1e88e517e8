"""JSON of recognition services that is no plain list: Rev, Deepgram, AWS Transcribe."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from pydantic import AliasChoices, Field

from indexer.formats.blocks import RawParagraph, RawTurn
from indexer.formats.loading import fit
from indexer.formats.segments import Segment, turns_of_segments
from indexer.formats.shapes import Shape, Text, Time, TimedWord, Who, names_of
from indexer.formats.words import Said, Word, paragraphs_of, speaker_name, timed, turns_of
from indexer.transcript import fold


class _Element(Shape):
    value: Text
    ts: Time = None
    end_ts: Time = Field(None, validation_alias=AliasChoices("end_ts", "endTs"))


class _Info(Shape):
    display_name: Text | None = None


class _Monologue(Shape):
    speaker: Who = None
    speaker_name: Text | None = None
    speaker_info: _Info | None = None
    elements: list[_Element] = Field(validation_alias=AliasChoices("elements", "spans"))


class _Rev(Shape):
    monologues: list[_Monologue]


def read_rev(value: dict[str, Any], source: str) -> list[RawTurn]:
    """Rev.ai and Rev.com: monologues of elements, white space and stops among them."""
    names = names_of(value.get("speakers"), source)
    said = []
    for one in fit(_Rev, value, source).monologues:
        info = one.speaker_info.display_name if one.speaker_info else None
        given = one.speaker_name or info or names.get(str(one.speaker))
        words = [Word(element.value, element.ts, element.end_ts) for element in one.elements]
        text = "".join(element.value for element in one.elements)
        segments = timed(text, words, Word("", speaker=given or speaker_name(one.speaker)))
        said.append(Said(segments[0].speaker, paragraphs_of(segments)))
    return turns_of(said)


class _Sentence(Shape):
    text: Text
    start: Time = None
    end: Time = None


class _Paragraph(Shape):
    sentences: list[_Sentence]
    speaker: Who = None
    start: Time = None
    end: Time = None


class _Paragraphs(Shape):
    paragraphs: tuple[_Paragraph, ...] = ()


class _Alternative(Shape):
    transcript: Text = ""
    words: tuple[TimedWord, ...] = ()
    paragraphs: _Paragraphs | None = None


class _Channel(Shape):
    alternatives: list[_Alternative] = Field(min_length=1)
    detected_language: Text | None = None


class _Utterance(Shape):
    transcript: Text
    words: tuple[TimedWord, ...] = ()
    start: Time = None
    end: Time = None
    speaker: Who = None
    channel: int = 0


class _Results(Shape):
    channels: tuple[_Channel, ...] = ()
    utterances: list[_Utterance] | None = None


class _Deepgram(Shape):
    results: _Results


def read_deepgram(value: dict[str, Any], source: str) -> tuple[list[RawTurn], str | None]:
    """Deepgram: paragraphs where it made them, else utterances, else words; and the language.

    Only the first of the alternatives is read: the others are guesses at the same words.
    """
    results = fit(_Deepgram, value, source).results
    firsts = [channel.alternatives[0] for channel in results.channels]
    several = len(firsts) > 1 or any(one.channel for one in results.utterances or ())
    if results.utterances and not any(first.paragraphs for first in firsts):
        said = [_of_utterance(one, several) for one in results.utterances]
    else:
        said = [
            one
            for number, first in enumerate(firsts)
            for one in (_of_paragraphs if first.paragraphs else _of_words)(first, number, several)
        ]
    if several:
        said = [Said(one.speaker, [each]) for one in said for each in one.paragraphs]
        said.sort(key=lambda one: one.paragraphs[0].start_s or 0.0)
    return turns_of(said), next((one.detected_language for one in results.channels), None)


def _of_paragraphs(first: _Alternative, channel: int, several: bool) -> Iterator[Said]:
    for one in first.paragraphs.paragraphs if first.paragraphs else ():
        text = fold(" ".join(sentence.text for sentence in one.sentences))
        if text:
            paragraph = RawParagraph(text, 0, one.start, one.end)
            yield Said(_who(one.speaker, channel, several), [paragraph])


def _of_utterance(one: _Utterance, several: bool) -> Said:
    whole = Word("", one.start, one.end, _who(one.speaker, one.channel, several))
    words = [word.word() for word in one.words]
    return Said(whole.speaker, paragraphs_of(timed(one.transcript, words, whole)))


def _of_words(first: _Alternative, channel: int, several: bool) -> Iterator[Said]:
    # The transcript stands bare where only the words have their stops.
    words = [
        Segment(word.text, word.start, word.end, _who(word.speaker, channel, several))
        for word in first.words
    ]
    if not words:
        words = [Segment(first.transcript, speaker=_who(None, channel, several))]
    for speaker, run in groupby(words, key=lambda word: word.speaker):
        yield Said(speaker, paragraphs_of(run))


def _who(speaker: int | str | None, channel: int, several: bool) -> str | None:
    if not several:
        return speaker_name(speaker)
    return f"Channel {channel}" if speaker is None else f"Channel {channel}, speaker {speaker}"


class _Content(Shape):
    content: Text


class _AwsItem(Shape):
    type: Text = "pronunciation"
    alternatives: list[_Content] = Field(min_length=1)
    start_time: Time = None
    end_time: Time = None
    speaker_label: Text | None = None


class _AwsLabel(Shape):
    start_time: Time = None
    speaker_label: Text | None = None


class _AwsSegment(Shape):
    speaker_label: Text | None = None
    items: tuple[_AwsLabel, ...] = ()


class _AwsLabels(Shape):
    segments: tuple[_AwsSegment, ...] = ()


class _AwsResults(Shape):
    items: list[_AwsItem]
    speaker_labels: _AwsLabels | None = None
    language_code: Text | None = None


class _Aws(Shape):
    results: _AwsResults


def read_aws(value: dict[str, Any], source: str) -> tuple[list[RawTurn], str | None]:
    """AWS Transcribe: items that are words or stops, and beside them who speaks when."""
    results = fit(_Aws, value, source).results
    labels = results.speaker_labels.segments if results.speaker_labels else ()
    speakers = {
        item.start_time: item.speaker_label or segment.speaker_label
        for segment in labels
        for item in segment.items
    }
    words: list[Segment] = []
    for item in results.items:
        text = item.alternatives[0].content
        if item.type == "punctuation" and words:
            last = words.pop()
            words.append(Segment(last.text + text, last.start_s, last.end_s, last.speaker))
        else:
            who = item.speaker_label or speakers.get(item.start_time)
            words.append(Segment(text, item.start_time, item.end_time, who))
    return turns_of_segments(words), results.language_code
