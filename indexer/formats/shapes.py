"""JSON of captions and recognisers that is a list of what was said: Whisper, WhisperX, OpenAI,
whisper.cpp, AssemblyAI, Otter, podcast namespace, Transformers and their like.

They differ in the names of their keys and in whether times are seconds or milliseconds.
"""

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from statistics import median
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    FailFast,
    Field,
    RootModel,
    StrictInt,
    StrictStr,
)

from indexer.formats.blocks import RawTurn
from indexer.formats.clock import MAX_SECONDS, read_clock
from indexer.formats.loading import NO_CHARACTER, fit
from indexer.formats.segments import turns_of_segments
from indexer.formats.words import Word, speaker_name, timed

TEXT_KEYS = ("text", "body", "transcript", "content", "utterance", "sentence")
WORD_KEYS = frozenset(("punctuated_word", "word", "text"))
# Speech has some fifteen characters a second; read as seconds, milliseconds have 0.015.
_LEAST_PER_SECOND = 0.2


def _clean(text: str) -> str:
    return NO_CHARACTER.sub("\N{REPLACEMENT CHARACTER}", text)


def _time(value: Any) -> float | None:
    """A number, or one written as text ('0.45', '00:00:01,500'); None for none."""
    if value is None or value == "":
        return None
    found = read_clock(value) if isinstance(value, str) else value
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise ValueError("should be a time")  # noqa: TRY004
    if abs(found) > MAX_SECONDS * 1000:
        raise ValueError("is too large for a time")
    # A recogniser's -0.01 is the beginning.
    return max(0.0, float(found))


def _clock(value: Any) -> float | None:
    """A time under a key that may as well hold a pair, or a day and an hour: those are none."""
    return _time(value) if isinstance(value, (int, float)) else read_clock(str(value))


def _who(value: Any) -> Any:
    """The name or number in a speaker's object."""
    if isinstance(value, Mapping):
        keys = ("name", "display_name", "speaker_name", "label", "id")
        return next((value[key] for key in keys if value.get(key) is not None), None)
    return value


def _timed_words(value: Any) -> Any:
    """The words of an item where they are objects with text; else its text stands alone."""
    listed = isinstance(value, list) and all(isinstance(word, Mapping) for word in value)
    return value if listed and all(WORD_KEYS & word.keys() for word in value) else ()


Text = Annotated[StrictStr, AfterValidator(_clean)]
Time = Annotated[float | None, BeforeValidator(_time)]
Who = Annotated[StrictInt | Text | None, BeforeValidator(_who)]


class Shape(BaseModel):
    """What we read of an object; its other keys are let be."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class TimedWord(Shape):
    """A word as most recognisers write it."""

    text: Text = Field(validation_alias=AliasChoices("punctuated_word", "word", "text"))
    start: Time = Field(None, validation_alias=AliasChoices("start", AliasPath("timestamp", 0)))
    end: Time = Field(None, validation_alias=AliasChoices("end", AliasPath("timestamp", 1)))
    speaker: Who = None

    def word(self, second: float = 1.0) -> Word:
        start, end = scaled(self.start, second), scaled(self.end, second)
        return Word(self.text, start, end, speaker_name(self.speaker))


class Item(Shape):
    """One entry of the list: a segment, an utterance, a turn."""

    text: Text = Field("", validation_alias=AliasChoices(*TEXT_KEYS))
    start: Time = Field(
        None,
        validation_alias=AliasChoices(
            "start", "startTime", "start_time", "start_s", "from", AliasPath("timestamp", 0)
        ),
    )
    end: Time = Field(
        None,
        validation_alias=AliasChoices(
            "end", "endTime", "end_time", "end_s", "to", AliasPath("timestamp", 1)
        ),
    )
    clock: Annotated[float | None, BeforeValidator(_clock)] = Field(
        None, validation_alias=AliasChoices("timestamp", "time", "timecode")
    )
    start_ms: Time = Field(
        None,
        validation_alias=AliasChoices(
            "start_ms", "startMs", "start_time_ms", "startTimeMs", AliasPath("offsets", "from")
        ),
    )
    end_ms: Time = Field(
        None,
        validation_alias=AliasChoices(
            "end_ms", "endMs", "end_time_ms", "endTimeMs", AliasPath("offsets", "to")
        ),
    )
    duration: Time = None
    speaker: Who = Field(
        None,
        validation_alias=AliasChoices(
            "speaker", "speaker_name", "speakerName", "speaker_label", "speaker_id", "speakerId"
        ),
    )
    words: Annotated[tuple[TimedWord, ...], BeforeValidator(_timed_words)] = ()


class _Items(RootModel[Annotated[list[Item], FailFast()]]):
    pass


class Person(Shape):
    """An entry of a table of speakers."""

    id: Who = Field(None, validation_alias=AliasChoices("id", "speaker_id", "speakerId"))
    name: Text | None = Field(
        None, validation_alias=AliasChoices("name", "display_name", "speaker_name")
    )


class _Persons(RootModel[list[Person]]):
    pass


def read_items(
    entries: Sequence[Any], people: Any, source: str, *, at: str, ms: bool | None = None
) -> tuple[list[RawTurn], list[str]]:
    """Turns of a list of entries, and warnings. `ms` says whether times are milliseconds.

    `people` is the source's own table of speakers, if it is one; `at` is where the list stood.
    """
    items = fit(_Items, entries, source, at).root
    names = names_of(people, source)
    warnings = []
    if ms is None and (ms := _looks_like_ms(items)):
        warnings.append("its times were read as milliseconds")
    second = 1000.0 if ms else 1.0
    segments = []
    for item in items:
        start, end = _span(item, second)
        who = names.get(str(item.speaker)) or speaker_name(item.speaker)
        words = [word.word(second) for word in item.words]
        segments += timed(item.text, words, Word("", start, end, who))
    return turns_of_segments(segments), warnings


def names_of(people: Any, source: str) -> dict[str, str]:
    """The names in a table of speakers, by their ids written as text."""
    if not isinstance(people, list) or not all(isinstance(one, dict) for one in people):
        return {}
    persons = fit(_Persons, people, source, "speakers").root
    return {str(one.id): one.name for one in persons if one.id is not None and one.name}


def scaled(value: float | None, second: float) -> float | None:
    """Seconds of a time in units of which `second` make one; None if no recording is so long."""
    return None if value is None or value / second > MAX_SECONDS else value / second


def _span(item: Item, second: float) -> tuple[float | None, float | None]:
    if item.start_ms is not None or item.end_ms is not None:
        return scaled(item.start_ms, 1000), scaled(item.end_ms, 1000)
    start = item.start if item.start is not None else item.clock
    end = item.end
    if end is None and start is not None and item.duration is not None:
        end = start + item.duration
    return scaled(start, second), scaled(end, second)


def _looks_like_ms(items: Sequence[Item]) -> bool:
    """Whether, taken as seconds, whole numbers would have people speak impossibly slowly."""
    starts = [_span(item, 1)[0] for item in items]
    rates = []
    # Where an item does not say when it ends, the next one begins.
    for item, following in zip_longest(items, starts[1:]):
        start, end = _span(item, 1)
        stop = following if end is None else end
        letters = len(item.text) or sum(len(word.text) for word in item.words)
        if letters and start is not None and stop is not None and stop > start:
            rates.append(letters / (stop - start))
    whole = all(start is None or start.is_integer() for start in starts)
    return bool(rates) and whole and median(rates) < _LEAST_PER_SECOND
