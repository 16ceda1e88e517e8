"""WebVTT and SubRip: cues become turns with times; each spoken word is read once, in order."""

from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import TranscriptError
from indexer.formats import parse
from indexer.formats.cues import read_time, read_timing

KINDS = {"webvtt": "a.vtt", "srt": "a.srt"}


def read(text: str | bytes, kind: str = "webvtt"):
    data = text.encode() if isinstance(text, str) else text
    return parse(data, KINDS[kind], format_name=kind)


def vtt(*payloads: str, header: str = "WEBVTT", step: float = 2.0, length: float = 2.0) -> str:
    cues = [
        f"{clock(n * step)} --> {clock(n * step + length)}\n{payload}"
        for n, payload in enumerate(payloads)
    ]
    return "\n\n".join([header, *cues]) + "\n"


def srt(*payloads: str) -> str:
    return "\n".join(
        f"{n + 1}\n{clock(n * 2.0, ',')} --> {clock(n * 2.0 + 2, ',')}\n{payload}\n"
        for n, payload in enumerate(payloads)
    )


def clock(seconds: float, point: str = ".") -> str:
    ms = round(seconds * 1000)
    rest = f"{ms // 60000 % 60:02}:{ms // 1000 % 60:02}{point}{ms % 1000:03}"
    return f"{ms // 3600000:02}:{rest}"


def turns(parsed) -> list[tuple[str | None, str]]:
    return [(turn.speaker and turn.speaker.name, turn.text) for turn in parsed.transcript.turns]


def words(parsed) -> str:
    return " ".join(turn.text for turn in parsed.transcript.turns)


def times(parsed) -> list[tuple[float | None, float | None]]:
    return [(p.start_s, p.end_s) for p in parsed.transcript.paragraphs()]


def dropped(parsed) -> list[tuple[int, str, str]]:
    return [(one.line, one.text, one.reason) for one in parsed.dropped]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("00:01.500", 1.5),
        ("01:02:03.004", 3723.004),
        ("1:02:03,004", 3723.004),
        ("123:00:00.000 align:start", 442800.0),
        ("90:00", 5400.0),
        ("0:0:1,5", 1.5),
        ("00 : 00 : 07 , 250", 7.25),
        ("00:00:01:250", 1.25),
        ("00:00:1d.890", None),
        ("half past", None),
        ("-00:00:01.000", None),
    ],
)
def test_times_are_read_as_loosely_as_players_do(text, seconds):
    """Comma or dot, hours missing or over a hundred; what is no time is none."""
    assert read_time(text) == seconds


def test_an_arrow_in_a_sentence_is_no_timing_line():
    """Other arrows count only between two whole times."""
    assert read_timing("go to File --> Open") is None
    assert read_timing("from 5 -> 6") is None
    assert read_timing("0:01 -> 0:02") == (1.0, 2.0)
    assert read_timing("00:01.000 --> never") == (1.0, None)


def test_cues_join_to_sentences_with_the_times_of_the_recording():
    """A cue ends anywhere in a sentence; settings and identifiers are no words."""
    parsed = read(
        "WEBVTT\n\nintro one\n100:00:01.000 --> 100:00:02.000 align:start position:0%\nWe met\n\n"
        "2\n100:00:02.000 --> 100:00:03.000\nin May &amp;\nleft.\n"
    )
    assert turns(parsed) == [(None, "We met in May & left.")]
    assert times(parsed) == [(360001.0, 360003.0)]
    assert dropped(parsed) == [(3, "intro one", "cue identifier")]


def test_a_paragraph_begins_at_a_sentence_within_a_cue():
    """After enough words; its time is that of the cue."""
    parsed = read(vtt(*["one two three four"] * 20, "five. Six seven", "eight."))
    texts = [p.text for p in parsed.transcript.paragraphs()]
    assert [text.split()[0] for text in texts] == ["one", "Six"]
    assert times(parsed) == [(0.0, 42.0), (40.0, 44.0)]


def test_captions_without_stops_do_not_run_on_for_ever():
    """Automatic captions have no sentences: a paragraph ends after many words all the same."""
    parsed = read(vtt(*["so we went on and on"] * 100))
    assert [len(p.text.split()) for p in parsed.transcript.paragraphs()] == [240, 240, 120]


def test_voice_tags_name_the_speakers():
    """With classes, entities, several in a cue, closed or not."""
    parsed = read(
        vtt(
            "<v.first.loud Ann Berg>Did <i>it</i> rain?</v> <v Bo Lund>No,\nnever.",
            "<v Bo Lund>Never <c.red>ever</c>.</v>",
            "<v>Who knows?",
            "<v Q&amp;A>Us.",
        )
    )
    assert turns(parsed) == [
        ("Ann Berg", "Did it rain?"),
        ("Bo Lund", "No, never. Never ever."),
        (None, "Who knows?"),
        ("Q&A", "Us."),
    ]


def test_an_untagged_cue_belongs_to_the_voice_above_where_only_changes_are_tagged():
    """As oral history archives do; not where every cue is tagged, nor behind a closed tag."""
    assert turns(read(vtt("<v Ann Berg>Yes?", "Go on.", "<v Bo Lund>It was", "in May."))) == [
        ("Ann Berg", "Yes? Go on."),
        ("Bo Lund", "It was in May."),
    ]
    every = read(vtt("<v Ann Berg>Yes?", "<v Ann Berg>Go on.", "It was.", "<v Bo Lund>So."))
    assert turns(every)[1] == (None, "It was.")
    closed = read(vtt("<v Ann Berg>Yes?</v>", "It was.", "<v Bo Lund>So.</v>"))
    assert turns(closed)[1] == (None, "It was.")


def test_a_broken_voice_tag_loses_no_word():
    """Without its '>' nobody can tell where the name ends."""
    parsed = read(vtt("<v It's an apple tree!"))
    assert turns(parsed) == [(None, "It's an apple tree!")]
    assert parsed.warnings[0] == "a voice tag without its '>': its words are kept (line 4)"


@pytest.mark.parametrize("kind", KINDS)
def test_labels_at_the_front_of_lines_name_the_speakers(kind):
    """Once a change, or in every cue; 'Note:' and a place are no speakers."""
    make = vtt if kind == "webvtt" else srt
    parsed = read(
        make(
            "Ann Berg: Where did\nyou go?",
            "Bo Lund: To the sea.\nNote: not far.",
            "we saw\nCape Horn: a rock.",
            "Ann Berg: And then?\nBo Lund: Home.",
        ),
        kind,
    )
    assert turns(parsed) == [
        ("Ann Berg", "Where did you go?"),
        ("Bo Lund", "To the sea. Note: not far. we saw Cape Horn: a rock."),
        ("Ann Berg", "And then?"),
        ("Bo Lund", "Home."),
    ]


def test_a_one_off_label_in_unlabelled_captions_is_no_speaker():
    """'Las Vegas:' stands once, where nobody is named."""
    text = "We came to see\nit.\nLas Vegas: what a town."
    assert turns(read(vtt("It was late.", text))) == [
        (None, "It was late. We came to see it. Las Vegas: what a town.")
    ]


def test_where_every_cue_has_a_label_one_without_is_nobodys():
    """As meeting software writes them; names that are no labels elsewhere count if they recur."""
    said = [
        "Ann Berg: Let us",
        "Ann Berg: begin.",
        "iPhone (3): Yes.",
        "so: I was",
        "Ann Berg: No.",
    ]
    parsed = read(vtt(*said, "Bo Lund: Go on.", "iPhone (3): Now?", *["Bo Lund: Now."] * 5))
    assert turns(parsed) == [
        ("Ann Berg", "Let us begin."),
        ("iPhone (3)", "Yes."),
        (None, "so: I was"),
        ("Ann Berg", "No."),
        ("Bo Lund", "Go on."),
        ("iPhone (3)", "Now?"),
        ("Bo Lund", " ".join(["Now."] * 5)),
    ]


def test_chevrons_change_the_speaker_and_name_him_where_a_label_follows():
    """Also within a line, and as entities; after a bare '>>' nobody is known."""
    parsed = read(
        vtt(
            ">> ANN BERG: GOOD EVENING.",
            "THE WEATHER IS NEXT. &gt;&gt; THANKS.",
            ">>> BO LUND: IT RAINS. >>",
            "REALLY?",
        )
    )
    assert turns(parsed) == [
        ("Ann Berg", "GOOD EVENING. THE WEATHER IS NEXT."),
        (None, "THANKS."),
        ("Bo Lund", "IT RAINS."),
        (None, "REALLY?"),
    ]


def test_a_heading_in_shouted_captions_is_no_speaker():
    """Where all is in capitals, a colon alone tells nothing."""
    parsed = read(vtt(">> ANN BERG: NOW THIS.", "THE BOTTOM LINE: IT RAINS.", ">> ANN BERG: YES."))
    assert turns(parsed) == [("Ann Berg", "NOW THIS. THE BOTTOM LINE: IT RAINS. YES.")]


def test_dashes_part_two_speakers_in_a_cue():
    """A hyphen in a sentence, before a number or a small letter does not."""
    parsed = read(
        srt(
            "- Where?\n- There.", "He is in\n- in a bad humor", "-5 degrees.", "-Why?", "See?\n-No."
        ),
        "srt",
    )
    assert turns(parsed) == [
        (None, "Where?"),
        (None, "There. He is in - in a bad humor -5 degrees."),
        (None, "Why? See?"),
        (None, "No."),
    ]


def test_a_dash_after_a_named_speaker_is_somebody_else():
    """A wrong speaker is worse than none."""
    assert turns(read(vtt("<v Ann Berg>- Really?\n- Yes.</v>", "<v Ann Berg>So.</v>"))) == [
        ("Ann Berg", "Really?"),
        (None, "Yes."),
        ("Ann Berg", "So."),
    ]
    labelled = read(vtt("Ann: Really?\n- Yes.", "Bo: I see.", "Ann: So.", "Bo: So."))
    assert turns(labelled)[:2] == [("Ann", "Really?"), (None, "Yes.")]


def test_a_name_in_brackets_speaks_its_sentence():
    """Off the screen, as subtitles for the deaf have it; a sound in brackets is nobody."""
    parsed = read(
        vtt("[Alba] In the year", "of the flood. It rained.", "You know Alba.", "[Applause] Yes.")
    )
    assert turns(parsed) == [
        ("Alba", "In the year of the flood. It rained."),
        (None, "You know Alba. [Applause] Yes."),
    ]
    held = read(vtt("- [Narrator] It rained.", "For days.", "- [Jane] Why?", "- [Narrator] So."))
    assert turns(held) == [
        ("Narrator", "It rained. For days."),
        ("Jane", "Why?"),
        ("Narrator", "So."),
    ]


def test_stage_directions_alone_are_kept_apart():
    """Over two lines, too; within words they stay; a word that was bleeped was spoken."""
    parsed = read(
        vtt("[Music]", "(soft\nwind)", "We (laughs) left.", "♪♪", "What the\n[ __ ]", "♪ La la ♪")
    )
    assert words(parsed) == "We (laughs) left. What the [ __ ] ♪ La la ♪"
    assert dropped(parsed) == [
        (4, "[Music]", "stage direction"),
        (7, "(soft wind)", "stage direction"),
        (14, "♪♪", "stage direction"),
    ]


def test_credits_of_the_captions_are_no_speech():
    """Only in the first and the last cue: elsewhere somebody may say so."""
    said = "Subtitles by hand are best."
    parsed = read(vtt("Downloaded from www.example.org", said, "Captioning provided by Example"))
    assert words(parsed) == said
    assert dropped(parsed) == [
        (4, "Downloaded from www.example.org", "credit of the captions"),
        (10, "Captioning provided by Example", "credit of the captions"),
    ]


def test_markup_comes_off_and_the_transcribers_words_stay():
    """Karaoke stamps, fonts, ruby readings and positions are no words; '<inaudible>' is one."""
    parsed = read(
        vtt(
            r"{\an8}<font color='#fff'>That's</font> <00:00:01.000><c.a>a</c><br/>moore",
            "<lang en>x</lang> <inaudible> 1 < 2 &lt;b&gt; AT&T &copy that",
            "<ruby>東<rt>とう</rt>京<rt>きょう</rt></ruby>",
        )
    )
    assert words(parsed) == "That's a moore x <inaudible> 1 < 2 <b> AT&T &copy that 東京"


def test_headers_notes_styles_and_regions_are_no_speech():
    """Title and language are taken from them, the rest is dropped with a reason."""
    parsed = read(
        "\ufeffWEBVTT - A talk on fish\r\nKind: captions\r\nLanguage: en-GB\r\nDate: 2019-03-04\r\n"
        "\r\nREGION\r\nid:fred\r\n\r\nSTYLE\r\n::cue { color: red }\r\n\r\nNOTE two\r\nlines\r\n"
        "\r\n00:01.000 --> 00:02.000\r\nFish.\r\n\r\nNOTE bye\r\n"
    )
    transcript = parsed.transcript
    assert (transcript.title, transcript.language) == ("A talk on fish", "en-GB")
    assert str(transcript.date) == "2019-03-04"
    assert words(parsed) == "Fish."
    assert dropped(parsed)[1:] == [
        (6, "REGION id:fred", "region"),
        (9, "STYLE ::cue { color: red }", "style"),
        (12, "NOTE two lines", "note"),
        (18, "NOTE bye", "note"),
    ]


def test_titles_in_fields_and_notes():
    """`Title:` in the header wins; one in a note is better than the file's name."""
    assert (
        read(vtt("Hi.", header="WEBVTT Kind: captions; Language: de")).transcript.language == "de"
    )
    assert read(vtt("Hi.", header="WEBVTT\nTitle: On fish")).transcript.title == "On fish"
    noted = read(vtt("Hi.", header="WEBVTT\n\nNOTE\nTitle: On fish\nLanguage: sv"))
    assert (noted.transcript.title, noted.transcript.language) == ("On fish", "sv")


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\r\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("kind", KINDS)
def test_any_line_end_and_encoding(kind, encoding, end):
    """Old tools write them all."""
    text = (vtt if kind == "webvtt" else srt)("“It’s at the\ncafé –", "or next to it,” she said.")
    parsed = read(text.replace("\n", end).encode(encoding), kind)
    assert words(parsed) == "“It’s at the café – or next to it,” she said."


def test_a_subrip_file_without_a_time_or_a_blank_line_loses_no_word():
    """Numbers are numbers only where one is due: '1985' is a word."""
    parsed = read(
        "1\n00:00:01,000 --> 00:00:02,000\nIt was\n\n1985\n2\n00:00:02,000 --> 00:00:03,000\nin\n\n"
        "3\nMay\n\n4\n\n00:00:05.000 --> 00:00:06.000\n\nor June.\n\n99\n",
        "srt",
    )
    assert words(parsed) == "It was 1985 in May or June. 99"
    assert "a caption without a time: its words are kept (line 10)" in parsed.warnings


def test_a_cue_that_ends_before_it_starts_keeps_its_words():
    """And its start; the warning names the line."""
    parsed = read("WEBVTT\n\n00:05.000 --> 00:01.000\nHello.\n\n00:1x.000 --> 00:09.000\nYou.\n")
    assert words(parsed) == "Hello. You."
    assert times(parsed) == [(5.0, None)]
    assert parsed.warnings[:2] == (
        "a caption that ends before it starts: its end is left out (line 3)",
        "a time that cannot be read: the words are kept (line 6)",
    )


def test_cues_are_put_in_the_order_of_their_times():
    """As players show them; equal starts stay as they stood."""
    parsed = read(
        "WEBVTT\n\n00:03.000 --> 00:04.000\nthree.\n\n00:01.000 --> 00:02.000\nOne\n\n"
        "00:03.000 --> 00:04.000\nFour.\n\n00:02.000 --> 00:03.000\ntwo\n"
    )
    assert words(parsed) == "One two three. Four."
    assert "out of the order of times" in parsed.warnings[0]


def test_a_misprinted_time_does_not_move_the_words():
    """One start hours from both its neighbours is left out."""
    parsed = read(
        "WEBVTT\n\n01:00:01.000 --> 01:00:02.000\nOne\n\n00:00:02.000 --> 01:00:03.000\ntwo\n\n"
        "01:00:03.000 --> 01:00:04.000\nthree.\n"
    )
    assert words(parsed) == "One two three."
    assert times(parsed) == [(3601.0, 3604.0)]


def test_files_joined_to_one_keep_their_order():
    """The second clock begins again: its times are not of this recording. A goes-on is."""
    again = vtt("One.", "Two.", step=60) + "\n" + vtt("Three.", "Four.", step=60)
    parsed = read(again)
    assert words(parsed) == "One. Two. Three. Four."
    assert times(parsed) == [(0.0, 2.0), (60.0, 62.0)]
    joined = read(srt("One.", "Two.") + "\n" + srt("Three.", "Four."), "srt")
    assert words(joined) == "One. Two. Three. Four."
    stream = "WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n\n00:05.000 --> 00:06.000\nOn.\n"
    assert times(read(vtt("One.") + "\n" + stream)) == [(0.0, 2.0), (5.0, 6.0)]


def test_the_same_cue_at_the_same_time_is_read_once():
    """Pieces of a stream overlap; what is said twice is said at two times."""
    doubled = vtt("No.", "No.") + "\n00:00:02.000 --> 00:00:04.000\nNo.\n"
    assert words(read(doubled)) == "No. No."


def test_what_people_say_twice_stays_twice():
    """A cue that begins as the one above ended is no roll-up yet."""
    parsed = read(vtt("Go on.", "No.", "No.\nNo.", "Why?", "Why?", "Because.\nSo.", "So.\nYes."))
    assert words(parsed) == "Go on. No. No. No. Why? Why? Because. So. So. Yes."
    chorus = read(vtt("<v Ann>Good day.", "<v Bo>Good day.", "<v Ivo>Good day."))
    assert turns(chorus) == [("Ann", "Good day."), ("Bo", "Good day."), ("Ivo", "Good day.")]


def test_words_that_are_marked_one_after_the_other_are_read_once():
    """A recogniser repeats the line with another word underlined."""
    parsed = read(srt("<u>We</u> met", "We <u>met</u>", "<u>in</u> May", "in <u>May</u>"), "srt")
    assert words(parsed) == "We met in May"


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        ("WEBVTT", "webvtt", "holds no captions"),
        ("WEBVTT\n\nNOTE nothing\n", "webvtt", "holds no captions"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "webvtt", "holds no captions"),
        ("WEBVTT\nKind: chapters\n\n00:01.000 --> 00:02.000\nOne\n", "webvtt", "holds chapters"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n[Music]\n", "webvtt", "nothing in it was understood"),
        ("1", "srt", "holds no captions"),
        ("1\n00:00:0x --> 00:00:02\nHello\n", "srt", "holds no captions"),
        (b"WEBVTT\n\n\x00\x01\n", "webvtt", "NUL"),
    ],
)
def test_what_holds_no_speech_is_an_error(data, kind, words):
    """With one clear sentence."""
    with pytest.raises(TranscriptError, match=words):
        read(data, kind)


WORD = st.sampled_from("so we met in may and it rained no yes why the then".split())
# The first rows show that they roll.
SAID = st.lists(st.lists(WORD, min_size=1, max_size=5).map(" ".join), max_size=12).map(
    lambda lines: ["good evening", "and welcome", "to you all", *lines]
)


def joined(lines: list[str]) -> str:
    return " ".join(lines)


@given(lines=SAID, rows=st.integers(2, 4))
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("kind", KINDS)
def test_each_word_of_rolled_up_captions_is_read_once(kind, lines, rows):
    """Whatever the words: rows scroll up one by one."""
    windows = ["\n".join(lines[max(0, at - rows + 1) : at + 1]) for at in range(len(lines))]
    parsed = read((vtt if kind == "webvtt" else srt)(*windows), kind)
    assert words(parsed) == joined(lines)


@given(lines=SAID)
@settings(max_examples=150, deadline=None)
def test_each_word_of_automatic_captions_is_read_once(lines):
    """The old row above, the new one stamped word by word, then a blink with the new row alone."""
    cues: list[str] = []
    above = " "
    for at, line in enumerate(lines):
        first, *others = line.split()
        start, end = at * 2.0, at * 2.0 + 1.99
        stamped = first + "".join(f"<{clock(start + 0.1)}><c> {word}</c>" for word in others)
        cues.append(f"{clock(start)} --> {clock(end)} align:start position:0%\n{above}\n{stamped}")
        cues.append(f"{clock(end)} --> {clock(start + 2)} align:start position:0%\n{line}\n ")
        above = line
    parsed = read("\n\n".join(["WEBVTT\nKind: captions", *cues]) + "\n")
    assert words(parsed) == joined(lines)


@given(lines=SAID)
@settings(max_examples=100, deadline=None)
def test_each_word_of_painted_captions_is_read_once(lines):
    """Words come one by one to the last row of two."""
    said = [line.split() for line in lines]
    windows = [
        "\n".join([*lines[max(0, at - 1) : at], " ".join(row[: n + 1])])
        for at, row in enumerate(said)
        for n in range(len(row))
    ]
    assert words(read(vtt(*windows))) == joined(lines)


# Both speak twice, so that neither label is a one-off.
TAIL = [
    (name, "Good day to you.", 500_000.0 + at, 1.0)
    for at, name in enumerate(["Ann Berg", "Bo Lund", "Ann Berg", "Bo Lund"])
]
SPOKEN = st.lists(
    st.tuples(
        st.sampled_from(["Ann Berg", "Bo Lund"]),
        st.lists(WORD, min_size=1, max_size=8).map(lambda said: " ".join(said).capitalize() + "."),
        st.floats(0, 400_000).map(lambda s: round(s, 3)),
        st.floats(-1, 9).map(lambda s: round(s, 3)),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda one: one[2],
)


@given(spoken=SPOKEN)
@settings(max_examples=150, deadline=None)
@pytest.mark.parametrize("kind", KINDS)
def test_words_speakers_and_times_hold_whatever_the_clock(kind, spoken):
    """In order of time every word comes back by its speaker, and times never run backwards."""
    spoken = sorted(spoken, key=lambda one: one[2])
    cues = [
        f"{n}\n{clock(start)} --> {clock(max(0, start + length))}\n"
        + (f"<v {name}>{text}" if kind == "webvtt" else f"{name}: {text}")
        for n, (name, text, start, length) in enumerate([*spoken, *TAIL], start=1)
    ]
    parsed = read("\n\n".join(["WEBVTT", *cues] if kind == "webvtt" else cues) + "\n", kind)
    said = [(name, word) for name, text in turns(parsed) for word in text.split()]
    assert said == [(name, word) for name, text, *_ in [*spoken, *TAIL] for word in text.split()]
    starts = [start for start, _ in times(parsed) if start is not None]
    assert starts == sorted(starts)
    assert all(end is None or start is None or start <= end for start, end in times(parsed))


PIECES = st.sampled_from(
    [
        *("WEBVTT\n", "NOTE\n", "STYLE\n", "\n", "\n\n", " \n", "\r", "\u2028", "1\n", "2\n"),
        *("00:01.000 --> 00:02.000\n", "00:00:09,000 --> 00:00:01,000 x\n", "-->", "well "),
        *("<v Ann>", "</v>", "<v ", "<", ">", "&amp;", "&#xD800;", "{\\an8}"),
        *("Ann: hi\n", "Q: so?\n", ">> ", "- ", "[Ann] "),
    ]
)


@given(pieces=st.lists(PIECES, max_size=40))
@settings(max_examples=400, deadline=None)
@pytest.mark.parametrize("kind", KINDS)
def test_any_pieces_are_a_transcript_or_a_clear_error(kind, pieces):
    """Whatever stands where it should not; times never run backwards."""
    with suppress(TranscriptError):
        parsed = read("".join(pieces) or "x", kind)
        starts = [start for start, _ in times(parsed) if start is not None]
        assert all(one <= two for one, two in pairwise(starts))


@pytest.mark.parametrize(
    "mark",
    [
        "<v ",
        "<",
        "(",
        "[a",
        ">> ",
        "- \n",
        "a\n",
        "♪ ",
        "(a) ",
        "&amp",
        "a",
        "{\\",
        "a. ",
        "<v A>b",
    ],
)
def test_hostile_cues_take_linear_time(mark):
    """A cue of thirty thousand marks is read at once: a quadratic reader would hang here."""
    with suppress(TranscriptError):
        read(vtt("Hello.", mark * 30_000))
