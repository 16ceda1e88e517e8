"""JSON of recognisers, archives and our own: known answers, what is refused, the round trip."""

import datetime as dt
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import TranscriptError
from indexer.export import to_json, to_markdown, to_text, to_vtt
from indexer.formats import parse
from indexer.transcript import Paragraph, Role, Speaker, Transcript, Turn, fold, slug


def read(value, name="a.json"):
    text = value if isinstance(value, str) else json.dumps(value)
    return parse(text.encode(), name, format_name="json")


def turns(value):
    """(speaker, named, [(text, start, end)…]) of each turn."""
    return [
        (
            turn.speaker and turn.speaker.name,
            bool(turn.speaker and turn.speaker.named),
            [(p.text, p.start_s, p.end_s) for p in turn.paragraphs],
        )
        for turn in read(value).transcript.turns
    ]


def test_whisper_segments_join_to_sentences():
    """Its language is a code; 'english' is left to the words."""
    value = {
        "text": " We met in May. It rained.",
        "language": "en",
        "segments": [
            {"id": 0, "start": 0.0, "end": 1.5, "text": " We met", "tokens": [1]},
            {"id": 1, "start": 1.5, "end": 2.0, "text": " in May."},
            {"id": 2, "start": 9.0, "end": 9.5, "text": " It rained."},
        ],
    }
    assert turns(value) == [(None, False, [("We met in May.", 0.0, 2.0), ("It rained.", 9.0, 9.5)])]
    assert read(value).transcript.language == "en"
    value["language"] = "english"
    assert read(value).transcript.language != "english"


def test_whisperx_takes_the_segments_speaker_and_the_words_where_it_has_none():
    """A word that names nobody, between words of one speaker, is that speaker's."""

    def word(text, start, speaker=None):
        told = {"speaker": speaker} if speaker else {}
        return {"word": text, "start": start, "end": start + 0.5, **told}

    value = {
        "segments": [
            {
                "start": 0.0,
                "end": 1.0,
                "text": "Good day.",
                "speaker": "SPEAKER_00",
                "words": [word("Good", 0.0, "SPEAKER_01"), word("day.", 0.5, "SPEAKER_00")],
            },
            {
                "start": 2.0,
                "end": 5.0,
                "text": "In 1985 then. When?",
                "words": [
                    word("In", 2.0, "SPEAKER_01"),
                    {"word": "1985"},
                    word("then.", 3.0, "SPEAKER_01"),
                    word("When?", 4.0, "SPEAKER_00"),
                ],
            },
        ]
    }
    assert turns(value) == [
        ("SPEAKER_00", False, [("Good day.", 0.0, 1.0)]),
        ("SPEAKER_01", False, [("In 1985 then.", 2.0, 3.5)]),
        ("SPEAKER_00", False, [("When?", 4.0, 4.5)]),
    ]


def test_whisper_cpp_and_transformers():
    """Offsets are milliseconds; a timestamp is a pair whose end may be missing."""
    cpp = {
        "result": {"language": "de"},
        "transcription": [{"offsets": {"from": 500, "to": 1500}, "text": " Ja."}],
    }
    assert turns(cpp) == [(None, False, [("Ja.", 0.5, 1.5)])]
    assert read(cpp).transcript.language == "de"
    assert turns({"text": "Yes.", "chunks": [{"timestamp": [1.0, None], "text": "Yes."}]}) == [
        (None, False, [("Yes.", 1.0, None)])
    ]


def test_assemblyai_has_letters_and_milliseconds():
    """'A' is a speaker, not an answer; words give times to the paragraphs."""
    value = {
        "audio_url": "https://example.org/a.mp3",
        "utterances": [
            {
                "speaker": "A",
                "text": "Who came?",
                "start": 240,
                "end": 900,
                "words": [
                    {"text": "Who", "start": 240, "end": 400, "speaker": "A"},
                    {"text": "came?", "start": 400, "end": 900, "speaker": "A"},
                ],
            },
            {"speaker": "B", "text": "I did.", "start": 1000, "end": 1800},
        ],
    }
    assert turns(value) == [
        ("Speaker A", False, [("Who came?", 0.24, 0.9)]),
        ("Speaker B", False, [("I did.", 1.0, 1.8)]),
    ]
    words = {"audio_url": "x", "text": "Hi.", "words": [{"text": "Hi.", "start": 40, "end": 90}]}
    assert turns(words) == [(None, False, [("Hi.", 0.04, 0.09)])]


@pytest.mark.parametrize("unit", [1, 1000])
def test_named_turns_in_seconds_or_milliseconds(unit):
    """Which, the pace of the speech tells; a warning says it. A table may hold the names."""
    value = {
        "title": "The mill",
        "date": "4 May 2021",
        "speakers": [{"id": 7, "name": "Ann Berg"}],
        "transcript": [
            {"speaker_id": 7, "start": 0, "end": 4 * unit, "text": "When did the mill close down?"},
            {"speaker": {"name": "Bo Lund"}, "start": 5 * unit, "text": "In the spring of 1985."},
        ],
    }
    parsed = read(value)
    assert parsed.transcript.title == "The mill"
    assert parsed.transcript.date == dt.date(2021, 5, 4)
    assert turns(value) == [
        ("Ann Berg", True, [("When did the mill close down?", 0.0, 4.0)]),
        ("Bo Lund", True, [("In the spring of 1985.", 5.0, None)]),
    ]
    assert ("its times were read as milliseconds" in parsed.warnings) == (unit == 1000)


def test_podcast_segments():
    """Words of one speaker are one turn."""
    value = {
        "version": "1.0.0",
        "segments": [
            {"speaker": "Ann Berg", "startTime": 0.5, "endTime": 0.75, "body": "I"},
            {"speaker": "Ann Berg", "startTime": 1, "endTime": 1.25, "body": "see."},
            {"speaker": "Bo Lund", "startTime": 2, "body": "So do I."},
        ],
    }
    assert turns(value) == [
        ("Ann Berg", True, [("I see.", 0.5, 1.25)]),
        ("Bo Lund", True, [("So do I.", 2.0, None)]),
    ]


def deepgram(*channels, **results):
    return {"metadata": {}, "results": {"channels": list(channels), **results}}


def test_deepgram_takes_paragraphs_then_utterances_then_words():
    """Never two of them, so no word is doubled; alternatives are guesses at the same words."""
    words = [
        {"word": "yes", "punctuated_word": "Yes.", "start": 0.0, "end": 0.5, "speaker": 0},
        {"word": "no", "punctuated_word": "No.", "start": 1.0, "end": 1.5, "speaker": 1},
    ]
    spoken = [
        {"speaker": 0, "start": 0.0, "end": 0.5, "sentences": [{"text": "Yes."}]},
        {"speaker": 1, "start": 1.0, "end": 1.5, "sentences": [{"text": "No."}]},
    ]
    utterances = [
        {"transcript": one["punctuated_word"], "words": [one], **{k: one[k] for k in times}}
        for one in words
        for times in [("start", "end", "speaker")]
    ]
    bare = {"transcript": "yes no", "words": words}
    full = {**bare, "paragraphs": {"transcript": "…", "paragraphs": spoken}}
    expected = [
        ("Speaker 0", False, [("Yes.", 0.0, 0.5)]),
        ("Speaker 1", False, [("No.", 1.0, 1.5)]),
    ]
    other = {"transcript": "guess no"}
    assert turns(deepgram({"alternatives": [full, other]}, utterances=utterances)) == expected
    assert turns(deepgram({"alternatives": [bare]}, utterances=utterances)) == expected
    assert turns(deepgram({"alternatives": [bare], "detected_language": "en"})) == expected


def test_deepgram_channels_are_put_in_order_of_time():
    """Each is somebody else, whatever number the speaker has in it."""

    def channel(*words):
        said = [{"word": text, "start": at, "end": at + 0.5} for text, at in words]
        return {"alternatives": [{"transcript": "", "words": said}]}

    value = deepgram(channel(("Who?", 0.0), ("When?", 8.0)), channel(("I.", 4.0)))
    assert turns(value) == [
        ("Channel 0", False, [("Who?", 0.0, 0.5)]),
        ("Channel 1", False, [("I.", 4.0, 4.5)]),
        ("Channel 0", False, [("When?", 8.0, 8.5)]),
    ]


def test_rev_monologues_keep_white_space_and_stops():
    """Elements or spans; names from the table; times of the words."""
    value = {
        "speakers": [{"id": 0, "name": "Ann Berg"}],
        "monologues": [
            {
                "speaker": 0,
                "elements": [
                    {"type": "text", "value": "Well", "ts": 0.5, "end_ts": 0.9},
                    {"type": "punct", "value": ", "},
                    {"type": "text", "value": "half", "ts": 1.0, "end_ts": 1.2},
                    {"type": "punct", "value": "-"},
                    {"type": "text", "value": "done", "ts": 1.2, "end_ts": 1.6},
                    {"type": "punct", "value": "."},
                ],
            },
            {"speaker": 1, "spans": [{"value": "(laughs) I see.", "ts": None}]},
        ],
    }
    assert turns(value) == [
        ("Ann Berg", True, [("Well, half-done.", 0.5, 1.6)]),
        ("Speaker 1", False, [("(laughs) I see.", None, None)]),
    ]


def test_aws_items_get_their_speakers_by_label_or_by_time():
    """Stops belong to the word before."""
    items = [
        {"type": "pronunciation", "start_time": "0.0", "end_time": "0.4"},
        {"type": "punctuation"},
        {"type": "pronunciation", "start_time": "1.0", "end_time": "1.5"},
    ]
    for item, text in zip(items, ["Who", "?", "Me"], strict=True):
        item["alternatives"] = [{"confidence": "0.9", "content": text}]
    items[2]["speaker_label"] = "spk_1"
    labels = [{"speaker_label": "spk_0", "items": [{"start_time": "0.0"}]}]
    value = {"results": {"transcripts": [], "items": items, "speaker_labels": {"segments": labels}}}
    assert turns(value) == [
        ("spk_0", False, [("Who?", 0.0, 0.4)]),
        ("spk_1", False, [("Me", 1.0, 1.5)]),
    ]


def test_oyez_the_bench_asks_and_counsel_answers():
    """Calling the case and opening are statements; a stop of 0 is no end."""
    justice = {"name": "Ada Holm, Jr.", "roles": [{"type": "scotus_justice"}]}
    counsel = {"name": "Ann Berg", "roles": []}

    def turn(speaker, text, start, stop):
        return {"speaker": speaker, "text_blocks": [{"start": start, "stop": stop, "text": text}]}

    value = {
        "title": "Oral Argument - January 16, 2001",
        "transcript": {
            "title": "Aldby v. Mill",
            "sections": [
                {
                    "turns": [
                        turn(justice, "We'll hear you in the matter of the mill, Ms. Berg.", 0, 2),
                        turn(counsel, "May it please the Court.", 2, 3),
                        turn(justice, "Who had the keys?", 3, 4),
                        turn(counsel, "My father did.", 4, 5),
                        turn(None, "So he says.", 5, 6),
                        turn(justice, "Thank you, Ms. Berg.", 6, 0),
                    ]
                }
            ],
        },
    }
    parsed = read(value).transcript
    assert (parsed.title, parsed.date) == ("Aldby v. Mill", dt.date(2001, 1, 16))
    assert [(t.speaker and t.speaker.name, t.role.value, t.answers) for t in parsed.turns] == [
        ("Ada Holm, Jr.", "statement", None),
        ("Ann Berg", "statement", None),
        ("Ada Holm, Jr.", "question", None),
        ("Ann Berg", "answer", 3),
        (None, "statement", None),
        ("Ada Holm, Jr.", "statement", None),
    ]
    assert parsed.turns[-1].paragraphs[0].end_s is None


def test_times_that_run_backwards_go_and_their_words_stay():
    """The fewest that will do: one that jumps ahead does not cost the rest theirs."""
    starts = [0.0, 900.0, 20.0, 30.0]
    value = [
        {"speaker": f"S{n}", "text": f"Word {n}.", "start": start, "end": start + 1}
        for n, start in enumerate(starts)
    ]
    parsed = read(value)
    assert [p.start_s for p in parsed.transcript.paragraphs()] == [0.0, None, 20.0, 30.0]
    assert "times that run backwards were dropped: 1" in parsed.warnings
    assert turns([{"text": "Yes.", "start": 5.0, "end": 2.0}]) == [
        (None, False, [("Yes.", 5.0, None)])
    ]


ENTRY = {"speaker": "Ann Berg", "text": "Hello.", "start": 0}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"a\.json:1: is not valid JSON: Expecting property name"),
        ('[{"text": "a",\n "start": }]', r"a\.json:2: is not valid JSON"),
        ('{"segments": [{"text": "a", "start": NaN}]}', "NaN is no JSON number"),
        ('{"segments": [{"text": "a", "text": "b"}]}', "the key 'text' stands twice"),
        ('{"segments": [{"text": "a", "start": 1e999}]}', "1e999 is too large"),
        (f'{{"segments": [{{"text": "a", "start": 1{"0" * 5000}}}]}}', "…? is too large"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('"hello"', "is no object and no list: known shapes are onrecord/1, Whisper"),
        ("[1, 2]", "is a list of no known shape"),
        ('{"decisions": [], "note": ""}', r"its keys \(decisions, note\) are of no known shape"),
        ('{"segments": []}', "nothing in it was understood as speech"),
        ('{"segments": [{"text": 5}]}', r"segments\[0\]\.text: input should be a valid string"),
        ('{"segments": [{"text": "a", "start": []}]}', r"segments\[0\]\.start: should be a time"),
        ('{"segments": [{"text": "a", "start": true}]}', r"segments\[0\]\.start: should be a time"),
        ('{"segments": [{"text": "a", "start": "x"}]}', r"segments\[0\]\.start: should be a time"),
        ('{"segments": [{"text": "a", "speaker": [1]}]}', r"segments\[0\]\.speaker"),
        ('{"results": {"channels": [{"alternatives": []}]}}', r"alternatives: .*at least 1"),
        ('{"monologues": [{"speaker": 1}]}', r"monologues\[0\]\.elements: field required"),
        ('{"transcript": {"sections": 1}}', r"transcript\.sections: input should be"),
        ('{"format": "onrecord/2", "turns": []}', "is onrecord/2: this program reads onrecord/1"),
    ],
)
def test_what_is_no_transcript_is_told_in_one_sentence(text, message):
    """With the place, and never as another exception."""
    with pytest.raises(TranscriptError, match=message):
        read(text)


def test_half_a_surrogate_pair_becomes_the_mark_for_it():
    """No database could keep it."""
    assert turns('[{"text": "so \\ud83d it \\u0000 is"}]')[0][2][0][0] == "so \ufffd it \ufffd is"


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "segments text words start end speaker results channels items monologues elements "
                "transcript sections turns utterances alternatives format paragraphs".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(JSONS)
@settings(max_examples=400, deadline=None)
def test_whatever_json_it_is_a_transcript_or_a_transcript_error(value):
    """Nothing else is raised."""
    try:
        parsed = read(value)
    except TranscriptError:
        return
    assert parsed.transcript.turns


@given(
    st.lists(
        st.tuples(
            st.text(alphabet="ab. ?", max_size=12),
            st.sampled_from([None, 0, "SPEAKER_01", "Ann Berg"]),
            st.floats(0, 1000) | st.none(),
        ),
        min_size=1,
        max_size=30,
    )
)
@settings(deadline=None)
def test_every_word_comes_back_once_in_order_and_time_goes_forward(spoken):
    """Whatever the speakers and times."""
    value = {"segments": [{"text": t, "speaker": s, "start": at} for t, s, at in spoken]}
    words = " ".join(text for text, _, _ in spoken).split()
    if not words:
        with pytest.raises(TranscriptError, match="nothing in it"):
            read(value)
        return
    paragraphs = list(read(value).transcript.paragraphs())
    assert [word for one in paragraphs for word in one.text.split()] == words
    starts = [one.start_s for one in paragraphs if one.start_s is not None]
    assert starts == sorted(starts)


WORDS = (
    st.text(min_size=1, max_size=20)
    .map(fold)
    .filter(lambda text: text and "\0" not in text and fold(text) == text)
)
TIMES = st.none() | st.floats(0, 1e6)


@st.composite
def transcripts(draw):
    """Any transcript that can be."""
    built = []
    number = 0
    for at in range(1, draw(st.integers(1, 6)) + 1):
        paragraphs = []
        for _ in range(draw(st.integers(1, 3))):
            number += 1
            start, end = draw(TIMES), draw(TIMES)
            if start is not None and end is not None and end < start:
                start, end = end, start
            page = draw(st.none() | st.integers(0, 5000))
            paragraphs.append(Paragraph(number, draw(WORDS), start, end, page))
        answers = draw(st.none() | st.integers(1, at - 1)) if at > 1 else None
        roles = [Role.STATEMENT, Role.QUESTION]
        role = Role.ANSWER if answers is not None else draw(st.sampled_from(roles))
        speakers = st.builds(Speaker, WORDS, st.booleans(), st.none() | WORDS)
        built.append(Turn(at, draw(st.none() | speakers), role, tuple(paragraphs), answers))
    return Transcript(
        id=slug(draw(WORDS)),
        title=draw(WORDS),
        date=draw(st.none() | st.dates()),
        language=draw(st.none() | st.sampled_from(["en", "de-AT"])),
        source=draw(WORDS),
        sha256="0" * 64,
        turns=tuple(built),
    )


@given(transcripts())
@settings(max_examples=200, deadline=None)
def test_any_transcript_comes_back_as_it_was(transcript):
    """All but what is the file's own: its name and checksum."""
    # A date in the name is not taken for the transcript's.
    again = read(to_json(transcript), "told-2020-01-02.json").transcript
    own = {"id": again.id, "source": again.source, "sha256": again.sha256}
    assert again == replace(transcript, **own)
    assert read(to_json(transcript), f"{transcript.id}.json").transcript.id == transcript.id


def document():
    text = (Path(__file__).parents[1] / "docs" / "json.md").read_text(encoding="utf-8")
    return json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1])


def test_the_documented_example_is_read():
    """As docs/json.md explains it."""
    transcript = read(document()).transcript
    assert [(t.speaker, t.role, t.answers) for t in transcript.turns] == [
        (Speaker("Question", named=False), Role.QUESTION, None),
        (Speaker("Ann Berg"), Role.ANSWER, 1),
    ]
    assert list(transcript.paragraphs())[-1] == Paragraph(3, "My father had the keys.", page=2)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (["title"], 5, "title: should be text"),
        (["title"], " ", "title: should not be empty"),
        (["date"], "4 May 2021", "date: "),
        (["date"], 20210504, "date: should be a day written as YYYY-MM-DD"),
        (["language"], ["en"], "language: should be text"),
        (["mood"], "good", "mood: extra inputs are not permitted"),
        (["turns"], [], "turns: .*at least 1"),
        (["turns", 0, "speaker"], "Ann", r"turns\[0\]\.speaker"),
        (["turns", 0, "speaker", "named"], 1, r"speaker\.named: input should be a valid boolean"),
        (["turns", 0, "role"], "shout", r"turns\[0\]\.role: input should be 'statement'"),
        (["turns", 0, "answers"], 1, "turn 1 answers turn 1: none before it"),
        (["turns", 1, "answers"], None, "turn 2 is answer and answers None"),
        (["turns", 1, "answers"], 2, "turn 2 answers turn 2: none before it"),
        (["turns", 1, "answers"], True, r"turns\[1\]\.answers: input should be a valid integer"),
        (["turns", 1, "paragraphs"], [], r"turns\[1\]\.paragraphs: .*at least 1"),
        (["turns", 1, "paragraphs", 0, "text"], "", r"paragraphs\[0\]\.text: should not be empty"),
        (["turns", 1, "paragraphs", 0, "text"], "\0", "holds what is no character"),
        (["turns", 1, "paragraphs", 0, "text"], "\ud800", "holds what is no character"),
        (["turns", 1, "paragraphs", 0, "start_s"], -1, "should be seconds from 0"),
        (["turns", 1, "paragraphs", 0, "start_s"], "5", "should be a number of seconds"),
        (["turns", 1, "paragraphs", 0, "end_s"], 1, "paragraph 2: ends at 1.0 before 5.2"),
        (["turns", 1, "paragraphs", 1, "page"], 1.5, r"page: input should be a valid integer"),
    ],
)
def test_every_field_of_ours_is_checked(path, value, message):
    """The error names the field."""
    changed = document()
    *within, last = path
    place = changed
    for key in within:
        place = place[key]
    place[last] = value
    with pytest.raises(TranscriptError, match=message):
        read(changed)


TOLD = Transcript(
    "mill",
    "The *mill*",
    dt.date(2021, 5, 4),
    "en",
    "mill.txt",
    "0" * 64,
    (
        Turn(1, Speaker("Ann Berg"), Role.STATEMENT, (Paragraph(1, "1985. So <be> it.", 0.5),)),
        Turn(2, None, Role.STATEMENT, (Paragraph(2, "# Yes & no.", 3661.0, 3662.25),)),
        Turn(3, Speaker("Bo Lund"), Role.STATEMENT, (Paragraph(3, "Good day.", 4000.0),)),
    ),
)


def test_text_and_markdown_for_people():
    """Unknown speakers are labelled, for else their words would be the last one's."""
    assert to_text(TOLD) == (
        "The *mill*\n\n2021-05-04\n\nAnn Berg: 1985. So <be> it.\n\n"
        "Unknown Speaker: # Yes & no.\n\nBo Lund: Good day.\n"
    )
    read_again = parse(to_markdown(TOLD).encode(), "a.md", format_name="markdown").transcript
    assert (read_again.title, read_again.date) == ("The *mill*", TOLD.date)
    assert [p.text for p in read_again.paragraphs()] == [p.text for p in TOLD.paragraphs()]


def test_vtt_has_a_cue_for_each_paragraph():
    """An end that is not told is the next beginning, or as long as the words take."""
    assert to_vtt(TOLD) == (
        "WEBVTT\n\n00:00:00.500 --> 01:01:01.000\n<v Ann Berg>1985. So &lt;be&gt; it.\n\n"
        "01:01:01.000 --> 01:01:02.250\n# Yes &amp; no.\n\n"
        "01:06:40.000 --> 01:06:40.800\n<v Bo Lund>Good day.\n"
    )
    untimed = replace(TOLD.turns[0], paragraphs=(Paragraph(1, "Hm."),))
    with pytest.raises(TranscriptError, match="paragraph 1 has no time"):
        to_vtt(replace(TOLD, turns=(untimed,)))
