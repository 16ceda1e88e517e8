"""What the text formats make of transcripts: labels, turns, furniture, metadata, bad input."""

import datetime as dt

import pytest

from indexer.errors import TranscriptError
from indexer.formats import parse
from indexer.formats.decoding import decode
from indexer.transcript import slug


def turns_of(text: str, name: str = "talk.txt"):
    """Speaker, role, answered turn and paragraph texts of every turn."""
    transcript = parse(text.encode(), name).transcript
    return [
        (
            turn.speaker.name if turn.speaker else None,
            turn.role.value,
            turn.answers,
            [paragraph.text for paragraph in turn.paragraphs],
        )
        for turn in transcript.turns
    ]


def test_labels_make_turns_and_following_paragraphs_stay_with_the_speaker():
    """A paragraph without a label is still the speaker's."""
    assert turns_of("Ann Berg: One.\n\nTwo.\n\nBo Lund: Three.\n\nAnn Berg: Four.\n") == [
        ("Ann Berg", "statement", None, ["One.", "Two."]),
        ("Bo Lund", "statement", None, ["Three."]),
        ("Ann Berg", "statement", None, ["Four."]),
    ]


def test_hard_wrapped_lines_are_one_paragraph():
    """Lines of a narrow block are joined by blanks."""
    text = "MR. LUND:  We met\nin the morning\nand parted.\n\nMS. BERG:  Yes.\n\nMR. LUND:  No.\n"
    assert turns_of(text)[0] == (
        "Mr. Lund",
        "statement",
        None,
        ["We met in the morning and parted."],
    )


def test_turns_without_blank_lines_between_them_are_split_at_their_labels():
    """A label at the start of a line begins a turn."""
    text = "Ann Berg: One.\nBo Lund: Two.\nAnn Berg: Three.\n"
    assert [turn[3] for turn in turns_of(text)] == [["One."], ["Two."], ["Three."]]


def test_a_line_that_only_looks_like_a_label_stays_in_its_paragraph():
    """'Bottom line:' and 'Ukraine:' are no speakers, and their words stay where they are."""
    text = (
        "MR. LUND:  I will say this: we tried.\n\nBottom line: it failed.\n\nUkraine: no news.\n\n"
        "MS. BERG:  Thank you.\n\nMR. LUND:  Goodbye.\n"
    )
    assert turns_of(text)[0] == (
        "Mr. Lund",
        "statement",
        None,
        ["I will say this: we tried.", "Bottom line: it failed.", "Ukraine: no news."],
    )


def test_q_labels_ask_and_the_next_speaker_answers():
    """`Q    words` is a question; what follows answers it, until the next one."""
    text = (
        "MS. BERG:  Good morning, all.\n\nQ    Is the bridge open?\n\nMS. BERG:  Since May.\n\n"
        "It was hard.\n\nQ    And the road?\n\nMR. LUND:  Closed.\n\nMS. BERG:  For now.\n"
    )
    assert turns_of(text) == [
        ("Ms. Berg", "statement", None, ["Good morning, all."]),
        ("Q", "question", None, ["Is the bridge open?"]),
        ("Ms. Berg", "answer", 2, ["Since May.", "It was hard."]),
        ("Q", "question", None, ["And the road?"]),
        ("Mr. Lund", "answer", 4, ["Closed."]),
        ("Ms. Berg", "answer", 4, ["For now."]),
    ]


def test_a_greeting_before_the_first_question_is_answered_by_nothing():
    """Opening remarks after 'Q  Hi.' are a statement, not an answer to it."""
    text = "Q    Hi.\n\nMS. BERG:  Today we open the bridge.\n\nQ    Why?\n\nMS. BERG:  Trade.\n"
    roles = [(turn[1], turn[2]) for turn in turns_of(text)]
    assert roles == [("question", None), ("statement", None), ("question", None), ("answer", 3)]


def test_unlabelled_opening_remarks_are_the_host_s_that_the_title_names():
    """The title says whose remarks these are, and later labels show that he speaks here."""
    text = (
        "3 May 202309:15\n\nMinister Ivo Lund’s remarks after talks with Ana Berg, Port, May 3\n\n"
        "We had good talks.\n\nQuestion: And fish?\n\nIvo Lund: Agreed.\n\nAna Berg: Indeed.\n"
    )
    assert turns_of(text)[0] == ("Ivo Lund", "statement", None, ["We had good talks."])
    assert parse(text.encode(), "a.txt").transcript.date == dt.date(2023, 5, 3)


def test_unlabelled_remarks_have_no_speaker_where_the_title_does_not_tell():
    """A wrong speaker is worse than none."""
    text = "Talks on fish\n\nWe had good talks.\n\nIvo Lund: Agreed.\n\nAna Berg: Indeed, yes.\n"
    assert turns_of(text)[0] == (None, "statement", None, ["We had good talks."])


def test_one_person_under_several_labels_is_one_speaker():
    """Full name, surname in capitals and honorific are one, under the fullest name."""
    text = (
        "Ivo Lund: One.\n\nAna Berg: Two.\n\nMr. Lund: Three.\n\nLund: Four.\n\nMs. Berg: Five.\n"
        "\nLund: Six.\n"
    )
    assert [turn[0] for turn in turns_of(text)] == [
        "Ivo Lund",
        "Ana Berg",
        "Ivo Lund",
        "Ana Berg",
        "Ivo Lund",
    ]


def test_two_people_of_one_surname_stay_two():
    """A bare surname that fits both is joined to neither."""
    text = "Ivo Lund: One.\n\nAna Lund: Two.\n\nIvo Lund: Three.\n\nLund: Four.\n\nLund: Five.\n"
    assert [turn[0] for turn in turns_of(text)] == ["Ivo Lund", "Ana Lund", "Ivo Lund", "Lund"]


def test_the_title_gives_the_first_name_only_where_it_names_one_person():
    """'President Lund and Dr. Ana Lund' does not tell who 'PRESIDENT LUND' is."""
    body = "PRESIDENT LUND:  One.\n\nQ    Two?\n\nPRESIDENT LUND:  Three.\n"
    one = f"---\ntitle: Remarks by President Ivo Lund\n---\n{body}"
    two = f"---\ntitle: Remarks by President Lund and Dr. Ana Lund\n---\n{body}"
    assert turns_of(one, "a.md")[0][0] == "Ivo Lund"
    assert turns_of(two, "a.md")[0][0] == "President Lund"


def test_front_matter_gives_title_and_date():
    """YAML above a Markdown transcript overrides what the text shows."""
    matter = "---\ntitle: A talk\ndate: '2024-02-03'\nlang: en\n---\n"
    text = f"{matter}# Heading\n\n**Ann:** Hi.\n\n**Bo:** Ho.\n"
    transcript = parse(text.encode(), "a.md").transcript
    assert (transcript.title, transcript.date, transcript.language) == (
        "A talk",
        dt.date(2024, 2, 3),
        "en",
    )


def test_bold_labels_with_markup_and_links_become_plain_words():
    """Markdown is markup, not speech."""
    text = "**Ann Berg:** See [the *plan*](http://x.example/a) now.\n\n**Bo Lund**: Fine.\n"
    assert turns_of(text, "a.md") == [
        ("Ann Berg", "statement", None, ["See the plan now."]),
        ("Bo Lund", "statement", None, ["Fine."]),
    ]


def test_stage_directions_and_clock_lines_are_kept_apart_from_speech():
    """A paragraph that is only '(Laughter.)' is nobody's words."""
    text = (
        "1:31 P.M. EDT\n\nMS. BERG:  Hello.\n\n(Laughter.)\n\n[applause]\n\nMore.\n\n"
        "END 2:00 P.M.\n"
    )
    parsed = parse(text.encode(), "a.txt")
    assert [p.text for p in parsed.transcript.paragraphs()] == ["Hello.", "More."]
    assert [(dropped.line, dropped.reason) for dropped in parsed.dropped] == [
        (1, "time line"),
        (5, "stage direction"),
        (7, "stage direction"),
        (11, "furniture below the speech"),
    ]


def test_a_last_short_remark_is_not_furniture():
    """Only a mark, a list or a clock line makes what is below it furniture."""
    text = "Ann Berg: That is all for today.\n\nBo Lund: Fine.\n\nThank you\n"
    assert turns_of(text)[-1][3] == ["Fine.", "Thank you"]


def test_interviewer_is_known_by_the_shape_of_the_exchange():
    """Who mostly asks is an asker; the other answers; the introduction is a statement."""
    text = (
        "Ann Berg: With me is the builder of the bridge.\n\nBo Lund: Glad to be here today.\n\n"
        "Ann Berg: When did you begin with it?\n\nBo Lund: In the spring of that year.\n\n"
        "Ann Berg: And who paid for all of that?\n\nBo Lund: The town did, mostly.\n"
    )
    assert [(turn[1], turn[2]) for turn in turns_of(text)] == [
        ("statement", None),
        ("statement", None),
        ("question", None),
        ("answer", 3),
        ("question", None),
        ("answer", 5),
    ]


def test_a_chair_who_gives_the_floor_neither_asks_nor_answers():
    """The member asks, the witness answers, the chair presides."""
    text = (
        "The Chair (Hon. Ida Holm): Order, please.\n\nMr. Lund: Why did the dam leak in spring?\n\n"
        "Ms. Berg: The seal was the wrong one.\n\nThe Chair: Mr. Vik.\n\n"
        "Mr. Vik: Who ordered that seal for you?\n\nMs. Berg: I did, on a Friday.\n"
    )
    assert [(turn[0], turn[1]) for turn in turns_of(text)] == [
        ("Ida Holm", "statement"),
        ("Mr. Lund", "question"),
        ("Ms. Berg", "answer"),
        ("Ida Holm", "statement"),
        ("Mr. Vik", "question"),
        ("Ms. Berg", "answer"),
    ]


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.txt", "is empty"),
        (b"  \n\n ", "a.txt", "is empty"),
        (b"\x00\x01\x02", "a.txt", "is not text"),
        (b"\x7fELF\x00\x01\x02", "a.xyz", "format not known"),
        (b"---\ntitle: [\n---\nAnn: Hi.\n", "a.md", "not valid YAML"),
        (b"---\ntitle: a\n- b\n---\nAnn: Hi.\n", "a.md", "not valid YAML"),
        (b"  * one\n\n  * two\n", "a.txt", "nothing in it was understood"),
    ],
)
def test_bad_input_is_named_with_its_reason(data, name, reason):
    """A file that is no transcript gives one sentence that begins with the file's name."""
    with pytest.raises(TranscriptError, match=reason) as caught:
        parse(data, name)
    assert str(caught.value).startswith(name)


def test_a_broken_front_matter_is_named_by_its_line():
    """The line is that of the file, not of the YAML."""
    with pytest.raises(TranscriptError) as caught:
        parse(b"---\ntitle: a\ndate: ]\n---\nAnn: Hi.\n", "a.md")
    assert caught.value.line == 3


def test_other_encodings_are_read_and_said():
    """UTF-16 by its mark; Latin letters in the old Windows encoding with a warning."""
    assert decode("Ann: Später.".encode("utf-16"), "a.txt") == ("Ann: Später.", [])
    assert decode(b"\xef\xbb\xbfAnn: Hi.", "a.txt") == ("Ann: Hi.", [])
    for words, encoding in (
        ("Ann: Über die Brücke gehören Fußgänger, sagte der Bürgermeister später.", "cp1252"),
        ("Ann : Où est la fête ? Elle a été repoussée à l’été, paraît-il.", "cp1252"),
        ("Анна: Мост открыли в мае, и весь день шёл сильный дождь. Никто не пришёл.", "cp1251"),
    ):
        text, warnings = decode(words.encode(encoding), "a.txt")
        assert text == words
        assert warnings[0].startswith(f"not UTF-8: read as {encoding}")


def test_ids_are_safe_in_addresses():
    """Only letters, digits and dashes remain."""
    assert slug("../Lavrov & Kommasith_2017") == "lavrov-kommasith-2017"
    assert slug("…") == "transcript"
