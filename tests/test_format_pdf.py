"""PDF: reading order, what is not text, paragraphs and pages. The PDFs are written by the tests."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import TranscriptError
from indexer.formats import parse

pytest.importorskip("pypdfium2")

TOP, LEFT, LEADING, SIZE = 720, 72, 14, 10


def pdf(*pages: list[tuple], info: str = "", extra: str = "", end: str = "%%EOF\n") -> bytes:
    """A PDF whose pages are lists of (x, y, text) or (x, y, text, size), set in Courier."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>")
    kids = []
    for page in pages:
        drawn = []
        for x, y, text, *rest in page:
            shown = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            size = rest[0] if rest else SIZE
            drawn.append(f"BT /F1 {size} Tf {x} {y} Td ({shown}) Tj ET")
        content = "\n".join(drawn)
        objects.append(f"<</Length {len(content.encode('cp1252'))}>>\nstream\n{content}\nendstream")
        objects.append(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]"
            f"/Resources<</Font<</F1 3 0 R>>>>/Contents {len(objects)} 0 R>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>"
    objects.append(f"<<{info}>>")
    out, offsets = b"%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n".encode("cp1252")
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    trailer = f"/Size {len(objects) + 1}/Root 1 0 R/Info {len(objects)} 0 R{extra}"
    return out + f"trailer\n<<{trailer}>>\nstartxref\n{start}\n{end}".encode()


def page(*lines: str, top: int = TOP) -> list[tuple]:
    """Lines set one below the other; an empty one leaves a gap, two blanks indent by as much."""
    return [
        (LEFT + 6 * (len(line) - len(line.lstrip())), top - LEADING * at, line.strip())
        for at, line in enumerate(lines)
        if line
    ]


def read(data: bytes, name: str = "talk.pdf"):
    return parse(data, name, format_name="pdf")


def spoken(data: bytes) -> list[tuple[str | None, int | None, str]]:
    return [
        (turn.speaker.name if turn.speaker else None, paragraph.page, paragraph.text)
        for turn in read(data).transcript.turns
        for paragraph in turn.paragraphs
    ]


TALK = page(
    "BERG: When did you come to the port,",
    "and what was there?",
    "",
    "LUND: I came in spring. There was a house and",
    "a boat that nobody wanted to sail at all.",
    "  The year after we built the pier.",
    "",
    "BERG: And then?",
    "",
    "LUND: Then it rained.",
)


def test_wrapped_lines_become_paragraphs_with_pages():
    """A gap, an indented line and a label begin paragraphs; other lines go on."""
    assert spoken(pdf(TALK)) == [
        ("Berg", 1, "When did you come to the port, and what was there?"),
        (
            "Lund",
            1,
            "I came in spring. There was a house and a boat that nobody wanted to sail at all.",
        ),
        ("Lund", 1, "The year after we built the pier."),
        ("Berg", 1, "And then?"),
        ("Lund", 1, "Then it rained."),
    ]


def test_a_paragraph_goes_on_over_the_page_between_running_heads():
    """Heads and page numbers are dropped, with a reason; the page is where a paragraph begins."""
    texts = [
        ["BERG: Who built the pier, do you"],
        ["know, after so many years? Who", "was it, then?"],
        ["LUND: My father did, with two", "friends of his."],
        ["BERG: And who paid?", "", "LUND: Nobody."],
    ]
    pages = [
        [(LEFT, 760, f"Harbour talks, {n}"), *page(*text, top=100), (300, 40, str(n))]
        for n, text in enumerate(texts, start=1)
    ]
    data = pdf(*pages)
    assert spoken(data)[0] == (
        "Berg",
        1,
        "Who built the pier, do you know, after so many years? Who was it, then?",
    )
    dropped = {(one.text, one.reason) for one in read(data).dropped}
    assert ("Harbour talks, 3", "running head") in dropped
    assert ("4", "page number") in dropped
    assert len(dropped) == 8


@pytest.mark.parametrize(
    ("first", "second", "elsewhere", "whole"),
    [
        ("we are scien-", "tific about it", "x", "we are scientific about it"),
        ("she is co-", "inventor of it", "the co-editor", "she is co-inventor of it"),
        ("a five-", "membered ring", "some five-membered", "a five-membered ring"),
        ("it was Wood-", "Ward who came", "x", "it was Wood-Ward who came"),
        ("it was Port-", "Land in May", "in portland", "it was PortLand in May"),
    ],
)
def test_hyphens_at_line_ends(first, second, elsewhere, whole):
    """A broken word is joined unless the document or a capital says that its hyphen stays."""
    data = pdf(
        page(f"BERG: Well, {first}", f"{second}.", "", "LUND: Yes.", "", f"BERG: {elsewhere}.")
    )
    assert spoken(data)[0][2] == f"Well, {whole}."


def test_footnotes_are_kept_apart_and_their_marks_go():
    """Small lines at the foot that begin with a number; other raised figures stay raised."""
    lines = page("BERG: It was printed in the Gazette.", "", "LUND: It has ten to the power of 10")
    raised = [(LEFT + 6 * 36, TOP + 4, "1", 6), (LEFT + 6 * 35, TOP - 24, "86", 6)]
    note = [(LEFT, 60, "1 Gazette of the port, page 4.", 7)]
    more = page("", "", "", "BERG: Good.", "", "LUND: Yes.")
    data = pdf([lines[0], raised[0], lines[1], raised[1], *more, *note])
    assert [text for _, _, text in spoken(data)] == [
        "It was printed in the Gazette.",
        "It has ten to the power of 10⁸⁶",
        "Good.",
        "Yes.",
    ]
    assert [one.text for one in read(data).dropped] == ["1 Gazette of the port, page 4."]


def test_line_numbers_of_court_transcripts_are_no_words():
    """25 numbered lines a page; Q and A are told apart."""
    texts = ["Q.  Did you see the boat in May?", "A.  I saw it, yes, and I told", "the captain."]
    lines = [f"{n:2}  {texts[(n - 1) % 3]}" for n in range(1, 13)]
    data = pdf(page(*lines))
    assert [text for _, _, text in spoken(data)][:2] == [
        "Did you see the boat in May?",
        "I saw it, yes, and I told the captain.",
    ]


def test_two_columns_are_read_one_after_the_other():
    """As the PDF has them: the left one first."""
    left = [(72, 700 - 14 * n, f"left{n} and more words") for n in range(6)]
    right = [(330, 700 - 14 * n, f"right{n} and more words") for n in range(6)]
    left[0] = (72, 700, "BERG: left0 and more")
    left[3] = (72, 658, "LUND: left3 and more")
    right[2:4] = [(330, 672, "BERG: right2 or not"), (330, 658, "LUND: right3 or not")]
    words = " ".join(text for _, _, text in spoken(pdf([*left, *right]))).split()
    places = [words.index(word) for word in ("left0", "left5", "right0", "right5")]
    assert places == sorted(places)


COVER = [
    (250, 600, "ANNA LUND"),
    (220, 400, "Transcript of an Interview"),
    (250, 300, "7 May 2011"),
]
CONTENTS = page("TABLE OF CONTENTS", "", "Early Years 1", "Born in the port. Father a", "captain.")
FIRST = page(
    "INTERVIEW: Anna Lund",
    "INTERVIEWED BY: Bo Berg",
    "PLACE: The port",
    "DATE: 7 May 2011",
    "",
    "BERG: When were you born?",
    "",
    "LUND: In spring.",
    "",
    "BERG: Where?",
    "",
    "LUND: Here.",
    "",
    "[END OF INTERVIEW]",
)
INDEX = page("INDEX", "", "boat, 1", "captain: see Lund", "pier, 1")


def test_cover_contents_and_index_are_not_speech():
    """They give title, date and full names; all of them are dropped with a reason."""
    parsed = read(pdf(COVER, CONTENTS, FIRST, INDEX))
    transcript = parsed.transcript
    assert transcript.title == "ANNA LUND: Transcript of an Interview"
    assert transcript.date.isoformat() == "2011-05-07"
    assert [(t.speaker.name, t.text) for t in transcript.turns] == [
        ("Bo Berg", "When were you born?"),
        ("Anna Lund", "In spring."),
        ("Bo Berg", "Where?"),
        ("Anna Lund", "Here."),
    ]
    dropped = " ".join(one.text for one in parsed.dropped)
    assert all(text in dropped for text in ("ANNA LUND", "CONTENTS", "DATE: 7 May", "pier, 1"))


def test_speech_before_the_first_label_is_kept_where_no_front_matter_shows():
    """Opening remarks of two pages without a label stay."""
    remarks = [
        f"Sentence {n} of the remarks goes on for so long as this and more." for n in range(9)
    ]
    data = pdf(page(*remarks), page("BERG: Who pays?", "", "LUND: I do.", "", "BERG: Why?"))
    assert spoken(data)[0][2].startswith("Sentence 0 of")
    assert "Sentence 8" in spoken(data)[0][2]


def test_time_codes_are_put_on_words_and_never_run_backwards():
    """A second tape counts anew: its times are left out, its words are not."""
    texts = [
        ("[00:00:01]", "BERG: One."),
        ("[00:01:00]", "LUND: Two."),
        ("[00:02:00]", "BERG: Three."),
    ]
    tapes = [line for code, words in [*texts, *texts] for line in (code, words, "")]
    parsed = read(pdf(page(*tapes)))
    assert [(p.start_s, p.text) for p in parsed.transcript.paragraphs()] == [
        (1.0, "One."),
        (60.0, "Two."),
        (120.0, "Three."),
        (None, "One."),
        (None, "Two."),
        (None, "Three."),
    ]
    assert parsed.warnings == ("page 1: the times begin anew: from here on they are left out",)


def test_title_from_the_document_information_where_the_text_bears_it_out():
    """A title cut short is completed; a file's name is no title."""
    lines = page(
        "The harbour and its boats, a talk", "", "", "BERG: Yes?", "", "LUND: No.", "", "BERG: So?"
    )
    named = read(pdf(lines, info="/Title(The harbour and its)")).transcript
    assert named.title == "The harbour and its boats, a talk"
    assert read(pdf(TALK, info="/Title(talk_final_v2.doc)")).transcript.title == "talk"


ENCRYPTED = f"/Encrypt<</Filter/Standard/V 1/R 2/O<{'41' * 32}>/U<{'42' * 32}>/P -4>>/ID[<41><41>]"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf(TALK, extra=ENCRYPTED), "encrypted"),
        (pdf([]), "holds no text, only pictures"),
        (pdf(TALK)[:-400], "cut short"),
        (pdf(TALK, end=""), "cut short"),
        (b"%PDF-1.4\nnonsense\n%%EOF", "damaged PDF"),
        (pdf(page("Museum hours", "Free admission")), "understood as speech|no speaker"),
    ],
    ids=["encrypted", "scan", "truncated", "no end", "damaged", "no speech"],
)
def test_what_cannot_be_read_is_a_clear_error(data, reason):
    """Each says what to do; nothing else is ever raised."""
    with pytest.raises(TranscriptError, match=reason):
        read(data)


WORDS = st.sampled_from("we met in spring and the talks on fish were long so nobody knows".split())
SPEECHES = st.lists(
    st.tuples(st.sampled_from(["BERG", "LUND"]), st.lists(WORDS, min_size=1, max_size=40)),
    min_size=4,
    max_size=12,
)


@given(SPEECHES, st.integers(30, 80), st.integers(8, 40))
@settings(max_examples=60, deadline=None)
def test_every_word_comes_back_once_in_order(speeches, width, height):
    """However it is wrapped and paged; pages never run backwards."""
    import textwrap

    speeches = [*speeches, *((name, ["good", "day"]) for name in ("BERG", "LUND") * 2)]
    lines: list[str] = []
    for name, words in speeches:
        lines += [*textwrap.wrap(f"{name}: {' '.join(words).capitalize()}.", width), ""]
    pages = [page(*lines[at : at + height]) for at in range(0, len(lines), height)]
    found = spoken(pdf(*(one for one in pages if one)))
    wanted = [" ".join(words).capitalize() + "." for _, words in speeches]
    assert " ".join(text for _, _, text in found).split() == " ".join(wanted).split()
    numbers = [number for _, number, _ in found]
    assert numbers == sorted(numbers)


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(tail):
    """Whatever follows the mark of a PDF."""
    with pytest.raises(TranscriptError):
        read(b"%PDF-1.7\n" + tail)
