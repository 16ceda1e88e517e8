"""Tables: columns by name, captions and paragraphs, words a row, spreadsheets, what is refused."""

import csv
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import TranscriptError
from indexer.formats import parse
from indexer.formats.clock import read_clock
from indexer.formats.rows import MAX_INFLATED


def read(text, name="a.csv"):
    data = text if isinstance(text, bytes) else text.encode()
    return parse(data, name, format_name="table")


def turns(text):
    """(speaker, named, [(text, start, end)…]) of each turn."""
    return [
        (
            turn.speaker and turn.speaker.name,
            bool(turn.speaker and turn.speaker.named),
            [(p.text, p.start_s, p.end_s) for p in turn.paragraphs],
        )
        for turn in read(text).transcript.turns
    ]


MILL = [
    ("Ann Berg", True, [("When did it close, then?", None, None)]),
    ("Bo Lund", True, [('In "1985", I think.', None, None), ("Yes.", None, None)]),
]


@pytest.mark.parametrize(
    "text",
    [
        (
            'speaker,text\nAnn Berg:,"When did it close, then?"\n'
            'Bo Lund,"In ""1985"", I think."\nBo Lund:,Yes.\n'
        ),
        (
            "Speaker Name;Words;tags\nAnn Berg;When did it close, then?;x\n"
            'Bo Lund;"In ""1985"", I think.";\nBo Lund;Yes.;\n'
        ),
        (
            "SPEAKER\tTRANSCRIPT\r\nAnn Berg\tWhen did it close, then?\r\n"
            'Bo Lund\tIn "1985", I think.\r\nBo Lund\tYes.\r\n'
        ),
        (
            "who|utterance\nAnn Berg|When did it close, then?\n"
            'Bo Lund|"In ""1985"", I think."\nBo Lund|Yes.\n'
        ),
        # A text that is not quoted may hold the delimiter, if it stands last.
        (
            'speaker,text\nAnn Berg,When did it close, then?\nBo Lund,In "1985", I think.,\n'
            "\n,\nBo Lund,Yes.\n"
        ),
    ],
)
def test_rows_without_times_are_paragraphs(text):
    """Whatever the delimiter, the columns' order and their names."""
    assert turns(text) == MILL


def test_timed_rows_are_captions_and_join_to_sentences():
    """A text may end in the middle; whose words nobody tells are nobody's."""
    text = (
        "start_ms,end_ms,speaker,text\n0,900,AB,And one night\n900,2000,AB,he came.\n"
        "2500,3000,,Who?\n3000,3500,2,I.\n"
    )
    assert turns(text) == [
        ("AB", True, [("And one night he came.", 0.0, 2.0)]),
        (None, False, [("Who?", 2.5, 3.0)]),
        ("Speaker 2", False, [("I.", 3.0, 3.5)]),
    ]


def test_notes_beside_times_and_directions_are_dropped_with_a_reason():
    """Entities of web pages are characters; a time that is none costs no words."""
    text = (
        "The mill\ntimestamp,speaker,words\n,,(A dog barks)\n"
        "[00:03:43] THE MILL,DB,Well&#8212;yes.\n"
        "10:30 am,RA,R&amp;D (laughs)\n[1:00:00],DB,AT&T\n"
    )
    parsed = read(text)
    assert [(p.text, p.start_s) for p in parsed.transcript.paragraphs()] == [
        ("Well—yes.", 223.0),
        ("R&D (laughs)", None),
        ("AT&T", 3600.0),
    ]
    assert [(d.line, d.text, d.reason) for d in parsed.dropped] == [
        (1, "The mill", "row above the table"),
        (3, "(A dog barks)", "stage direction"),
        (4, "THE MILL", "note beside the time"),
    ]
    assert parsed.warnings[0] == "times not understood were dropped: 1, as in line 5: '10:30 am'"


def test_empty_lines_in_a_cell_part_paragraphs():
    """The first has the start, the last the end; line breaks alone part nothing."""
    text = 'speaker,start,end,text\nAnn Berg,1,9,"One\ntwo.\r\n\r\nThree."\nBo,,,Yes.\nBo,,,No.\n'
    assert turns(text)[0] == ("Ann Berg", True, [("One two.", 1.0, None), ("Three.", None, 9.0)])


def test_letters_are_speakers_unless_one_is_q():
    """Then A is the answer."""
    assert [who for who, _, _ in turns("speaker,text\nA,Yes.\nB,No.\n")] == [
        "Speaker A",
        "Speaker B",
    ]
    roles = read("speaker,text\nQ,Did it rain?\nA,It did.\n").transcript.turns
    assert [turn.role.value for turn in roles] == ["question", "answer"]


NLP = "token|speaker|ts|endTs|punctuation|case|tags\n"


def test_words_a_row_become_text_with_case_and_stops():
    """Words that have their case keep it, whatever the column says."""
    bare = "well|2|0.5|0.9|,|UC|[]\ni|2|1.0|1.2||CA|[]\nsee|2|1.2|1.5|.|LC|[]\nok|3|||.|UC|[]\n"
    assert turns(NLP + bare) == [
        ("Speaker 2", False, [("Well, I see.", 0.5, 1.5)]),
        ("Speaker 3", False, [("Ok.", None, None)]),
    ]
    cased = 'GE|2|||,|LC|[]\nsays|2|||.|CA|[]\n"|2|||||\n'
    assert turns(NLP + cased) == [("Speaker 2", False, [('GE, says. "', None, None)])]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n", "no row names its columns: name one 'text'"),
        ("text,title\nHello,x\n", "no row names its columns"),
        ("speaker,text\n", "nothing in it was understood as speech"),
        ("text,speaker\nHello, you,Ann\n", r":2: the row has 3 cells under 2 names"),
        ('speaker,text\nAnn,"a\nb"\nBo,"Hello', ":4: the quotation marks of the row do not match"),
        ('speaker,text\nAnn,"a" b\n', ":2: the quotation marks of the row do not match"),
        (f'speaker,text\nAnn,"{"a" * 140_000}', ":2: a cell has over 131072 characters"),
        (b"PK\x03\x04 no archive", "is no OpenDocument spreadsheet"),
    ],
)
def test_what_is_no_table_of_speech_is_told_with_its_line(text, message):
    """And never as another exception."""
    with pytest.raises(TranscriptError, match=message):
        read(text)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:00", 0),
        ("01:02:03,5", 3723.5),
        ("75:10", 4510),
        ("12.25", 12.25),
        ("1:75", None),
        ("1:60:00", None),
        ("1:2:3:4", None),
        ("", None),
        ("x", None),
        ("9" * 5000, None),
    ],
)
def test_clocks(text, seconds):
    """Minutes may run over an hour where no hour is written."""
    assert read_clock(text) == seconds


OFFICE = "urn:oasis:names:tc:opendocument:xmlns:"


def ods(tables, *, prologue=""):
    body = (
        f'<?xml version="1.0"?>{prologue}<o:document-content xmlns:o="{OFFICE}office:1.0" '
        f'xmlns:table="{OFFICE}table:1.0" xmlns:text="{OFFICE}text:1.0"><o:body><o:spreadsheet>'
        f"{tables}</o:spreadsheet></o:body></o:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("content.xml", body)
    return file.getvalue()


def row(*cells, repeated=None):
    times = f' table:number-rows-repeated="{repeated}"' if repeated else ""
    written = "".join(
        cell if cell.startswith("<table") else f"<table:table-cell>{p(cell)}</table:table-cell>"
        for cell in cells
    )
    return f"<table:table-row{times}>{written}</table:table-row>"


def p(text):
    return f"<text:p>{text}</text:p>" if text else ""


HEADER = row("Speaker", "Tag", "Text")
GAP = '<table:table-cell table:number-columns-repeated="2"/>'


def test_a_spreadsheet_is_read_as_it_is_shown():
    """The first sheet with a header; repeated rows as often as they stand; comments are not."""
    said = "<text:span>It</text:span> <text:s/>rained<text:line-break/>then."
    comment = f"<o:annotation>{p('Really?')}</o:annotation>"
    sheet = (
        HEADER
        + row("Ann Berg", "x", said)
        + row("", repeated=1000)
        + row("Bo Lund", f"<table:table-cell>{comment}</table:table-cell>", "Yes.", repeated=2)
        + row(GAP, "Who?")
        + row('<table:table-cell table:number-columns-repeated="16384"/>', repeated=1_000_000)
    )
    data = ods(f"<table:table>{row('Notes')}</table:table><table:table>{sheet}</table:table>")
    assert turns(data) == [
        ("Ann Berg", True, [("It rained then.", None, None)]),
        ("Bo Lund", True, [("Yes.", None, None), ("Yes.", None, None)]),
        (None, False, [("Who?", None, None)]),
    ]


def lying():
    """A spreadsheet whose archive says that it holds less than it does."""
    data = ods("<table:table/>" + " " * (MAX_INFLATED + 1))
    size = zipfile.ZipFile(io.BytesIO(data)).getinfo("content.xml").file_size
    return data.replace(size.to_bytes(4, "little"), (1000).to_bytes(4, "little"))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ods(f"<table:table>{row('a')}</table:table>"), "no row names its columns"),
        (lambda: ods("<table:table>"), "is no OpenDocument spreadsheet, or it is damaged"),
        (
            lambda: ods("", prologue='<!DOCTYPE a [<!ENTITY b "c">]>'),
            "is no OpenDocument spreadsheet, or it is damaged",
        ),
        (lambda: ods(" " * 2**23), "its content would inflate like a zip bomb"),
        (lambda: ods(" " * (MAX_INFLATED + 1)), "its content is over 64 MiB"),
        (lying, "is no OpenDocument spreadsheet, or it is damaged"),
        (
            lambda: ods(
                f"<table:table>{HEADER}{row('A', '', 'ha' * 99, repeated=1_000_000)}</table:table>"
            ),
            "has too much text",
        ),
        (
            lambda: ods(
                f"<table:table>{HEADER}<table:table-row><table:table-cell>"
                f"{'<text:span>' * 9000}{'</text:span>' * 9000}"
                "</table:table-cell></table:table-row></table:table>"
            ),
            "nothing in it was understood",
        ),
        (
            lambda: ods(
                f"<table:table>{HEADER}<table:table-row><table:table-cell><text:p>"
                f"{'<text:span>' * 9000}{'</text:span>' * 9000}"
                "</text:p></table:table-cell></table:table-row></table:table>"
            ),
            "is no OpenDocument spreadsheet, or it is damaged",
        ),
    ],
)
def test_spreadsheets_that_harm_are_refused(make, message):
    """Entities, what would fill the memory, what lies about its size."""
    with pytest.raises(TranscriptError, match=message):
        parse(make(), "a.ods", format_name="ods")


CELLS = st.text(alphabet='ab ,;"\n.', max_size=12)
NAMES = st.sampled_from(["", "Ann Berg", "Bo Lund", "3"])
CLOCKS = st.sampled_from(["", "0:10", "[00:00:20]", "0:05", "x"])


@given(st.lists(st.tuples(NAMES, CLOCKS, CELLS), min_size=1, max_size=20), st.sampled_from(",;\t"))
@settings(deadline=None)
def test_every_word_comes_back_once_in_order_and_time_goes_forward(rows, delimiter):
    """However it is delimited and quoted."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerows([("speaker", "start", "text"), *rows])
    words = " ".join(text for _, _, text in rows).split()
    if not words:
        with pytest.raises(TranscriptError, match="nothing in it"):
            read(file.getvalue())
        return
    paragraphs = list(read(file.getvalue()).transcript.paragraphs())
    assert [word for one in paragraphs for word in one.text.split()] == words
    starts = [one.start_s for one in paragraphs if one.start_s is not None]
    assert starts == sorted(starts)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_transcript_or_a_transcript_error(data):
    """Below a header or without one."""
    for given_bytes in (data, b"speaker,text\n" + data, NLP.encode() + data):
        try:
            read(given_bytes)
        except TranscriptError:
            continue
