"""DOCX, ODT and RTF: labels, styles, tables, times; what was deleted is not text."""

import datetime as dt
import io
import re
import zipfile
from contextlib import suppress
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import TranscriptError
from indexer.formats import parse
from indexer.transcript import fold

docx = pytest.importorskip("docx")
pytest.importorskip("defusedxml")
pytest.importorskip("striprtf")

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def word(*paragraphs, title: str = "", table: list[list[str]] | None = None) -> bytes:
    """A DOCX: a string is a paragraph ('**bold**' in it), a pair a style and its text."""
    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.created = dt.datetime(2024, 5, 17, 9, tzinfo=dt.UTC)
    for one in paragraphs:
        style, text = one if isinstance(one, tuple) else (None, one)
        if style and style not in [known.name for known in document.styles]:
            document.styles.add_style(style, docx.enum.style.WD_STYLE_TYPE.PARAGRAPH)
        paragraph = document.add_paragraph(style=style)
        for bold, piece in enumerate_bold(text):
            paragraph.add_run(piece).bold = bold or None
    if table:
        grid = document.add_table(len(table), len(table[0]))
        for row, cells in zip(grid.rows, table, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def enumerate_bold(text: str):
    return [(bool(n % 2), piece) for n, piece in enumerate(text.split("**")) if piece]


def body(xml: str) -> bytes:
    """A DOCX whose body is that XML."""
    with zipfile.ZipFile(io.BytesIO(word("x"))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    document = members["word/document.xml"].decode()
    members["word/document.xml"] = re.sub(
        r"<w:body>.*</w:body>", lambda _: f"<w:body>{xml}</w:body>", document, flags=re.DOTALL
    ).encode()
    return zipped(members)


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def odt(*paragraphs, xml: str = "", meta: str = "") -> bytes:
    """An ODT of paragraphs as `word` takes them; `xml` comes after them."""
    spaces = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
        'xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'
    )
    texts = []
    for one in paragraphs:
        style, text = one if isinstance(one, tuple) else ("Standard", one)
        spans = "".join(
            f'<text:span text:style-name="T1">{piece}</text:span>' if bold else piece
            for bold, piece in enumerate_bold(escape(text))
        )
        spans = spans.replace("\n", "<text:line-break/>").replace("\t", "<text:tab/>")
        texts.append(f'<text:p text:style-name="{style.replace(" ", "_20_")}">{spans}</text:p>')
    bold = '<style:text-properties fo:font-weight="bold"/>'
    content = (
        f"<office:document-content {spaces}><office:automatic-styles>"
        f'<style:style style:name="T1" style:family="text">{bold}</style:style>'
        f"</office:automatic-styles><office:body><office:text>{''.join(texts)}{xml}"
        "</office:text></office:body></office:document-content>"
    )
    properties = (
        f"<office:document-meta {spaces}><office:meta>{meta}</office:meta></office:document-meta>"
    )
    return zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.text",
            "content.xml": content.encode(),
            "meta.xml": properties.encode(),
        }
    )


def rtf(*paragraphs, head: str = "", tail: str = "") -> bytes:
    """An RTF of paragraphs as `word` takes them; styles are not told."""
    texts = []
    for one in paragraphs:
        text = one[1] if isinstance(one, tuple) else one
        runs = "".join(
            f"{{\\b {escaped(piece)}}}" if bold else escaped(piece)
            for bold, piece in enumerate_bold(text)
        )
        texts.append(f"\\pard {runs}\\par")
    return f"{{\\rtf1\\ansi\\ansicpg1252{head}\n{chr(10).join(texts)}{tail}}}".encode("ascii")


def escaped(text: str) -> str:
    text = re.sub(r"([\\{}])", r"\\\1", text).replace("\n", "\\line ").replace("\t", "\\tab ")
    units = text.encode("utf-16-le")
    codes = [int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2)]
    signed = (code - 65536 if code > 32767 else code for code in codes)
    return "".join(chr(code) if 0 <= code < 128 else f"\\u{code}?" for code in signed)


WRITERS = {"docx": word, "odt": odt, "rtf": rtf}
every_format = pytest.mark.parametrize("kind", WRITERS)


def read(data: bytes, kind: str = "docx"):
    return parse(data, f"talk.{kind}", format_name=kind)


def said(data: bytes, kind: str = "docx") -> list[tuple[str | None, float | None, str]]:
    return [
        (turn.speaker.name if turn.speaker else None, paragraph.start_s, paragraph.text)
        for turn in read(data, kind).transcript.turns
        for paragraph in turn.paragraphs
    ]


@every_format
def test_labels_in_capitals_and_in_bold(kind):
    """Before a colon, alone above the words, or apart from them by a tab; bold words are words."""
    make = WRITERS[kind]
    plain = make(
        "BERG: Who pays?", "LUND: The **whole** port — for “years”.", "", "All of us.", "BERG: So?"
    )
    assert said(plain, kind) == [
        ("Berg", None, "Who pays?"),
        ("Lund", None, "The whole port — for “years”."),
        ("Lund", None, "All of us."),
        ("Berg", None, "So?"),
    ]
    for form in ("**{}:** {}", "**{}**: {}", "**{}**\t{}", "**{}**\n{}"):
        turns = [("Anna Lund", "It rained."), ("Bo Berg", "Where?"), ("Anna Lund", "Here.")]
        turns += [("Bo Berg", "I see.")]
        bold = make(*(form.format(*turn) for turn in turns))
        assert said(bold, kind) == [(name, None, text) for name, text in turns], form
    alone = make(
        "**Anna Lund**",
        "It rained.",
        "**Bo Berg**",
        "Where?",
        "**Anna Lund**",
        "Here.",
        "**Bo Berg**",
        "Oh.",
    )
    assert [name for name, _, _ in said(alone, kind)] == ["Anna Lund", "Bo Berg"] * 2


@every_format
def test_names_with_times_as_meeting_software_exports_them(kind):
    """'Name   0:03' above the words, in one paragraph or two; notes of the machine are dropped."""
    lines = ["Weekly talk", "May 7, 2024, 3:00PM", "**Bo Berg** started transcription"]
    talk = [
        ("Bo Berg", "0:03", "Who pays?"),
        ("Anna Lund", "0:07", "We do."),
        ("Bo Berg", "1:02:05", "Why?"),
    ]
    talk += [("Anna Lund", "1:02:09", "Who knows.")]
    one = [f"**{name}**   {time}\n{text}" for name, time, text in talk]
    two = [part for name, time, text in talk for part in (f"{name}   {time}", text)]
    wanted = [("Bo Berg", 3.0, "Who pays?"), ("Anna Lund", 7.0, "We do.")]
    wanted += [("Bo Berg", 3725.0, "Why?"), ("Anna Lund", 3729.0, "Who knows.")]
    for form in (one, two):
        data = WRITERS[kind](*lines, *form, "Bo Berg stopped transcription")
        assert [(n, s, t) for n, s, t in said(data, kind)] == wanted
        assert read(data, kind).transcript.title == "Weekly talk"
        assert read(data, kind).transcript.date.isoformat() == "2024-05-07"


def test_the_older_export_of_teams():
    """A span of time, a name and the words, each on a line of one paragraph."""
    rows = [
        ("0:0:0.0", "Bo Berg", "Who pays?"),
        ("0:0:3.5", "Anna Lund", "We do."),
        ("0:0:7.0", "Bo Berg", "So."),
    ]
    data = word(*(f"{time} --> 0:0:9.0\n{name}\n{text}" for time, name, text in rows))
    assert said(data) == [
        ("Bo Berg", 0.0, "Who pays?"),
        ("Anna Lund", 3.5, "We do."),
        ("Bo Berg", 7.0, "So."),
    ]


@every_format
def test_time_codes_above_the_words_and_a_second_tape(kind):
    """They time what follows; where they begin anew they are left out, with a warning."""
    once = ["[00:00:01]\nBERG: One.", "[00:00:29] \nLUND: Two.", "[00:01:00]", "BERG: Three."]
    data = WRITERS[kind](*once, "[END OF TAPE 1]", *once)
    assert said(data, kind) == [
        ("Berg", 1.0, "One."),
        ("Lund", 29.0, "Two."),
        ("Berg", 60.0, "Three."),
        ("Berg", None, "One."),
        ("Lund", None, "Two."),
        ("Berg", None, "Three."),
    ]
    (warning,) = read(data, kind).warnings
    assert "begin anew" in warning


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_a_style_of_its_own_names_the_speakers(kind):
    """However the name looks; an office is whose name it once stood with."""
    data = WRITERS[kind](
        "Sitting 4",
        "The sitting opens at noon in the hall.",
        ("Speaker Name", "The president (Eva Roca i Puig)"),
        "Order, please.",
        ("Speaker Name", "Bo Berg"),
        "I ask for the floor.",
        ("Stage direction", "Applause from the left."),
        "(Murmurs.)",
        ("Speaker Name", "The president"),
        "You have it.",
        ("Speaker Name", "the clerk"),
        "Item one.",
    )
    assert said(data, kind) == [
        ("Eva Roca i Puig", None, "Order, please."),
        ("Bo Berg", None, "I ask for the floor."),
        ("Eva Roca i Puig", None, "You have it."),
        ("the clerk", None, "Item one."),
    ]
    parsed = read(data, kind)
    assert parsed.transcript.title == "Sitting 4"
    reasons = {one.text: one.reason for one in parsed.dropped}
    assert reasons["Applause from the left."] == reasons["(Murmurs.)"] == "stage direction"
    assert reasons["The sitting opens at noon in the hall."] == "text above the speech"


TABLE = [
    ["Time", "Speaker", "Text"],
    ["0:03", "Bo Berg", "Who pays?"],
    ["0:09", "Anna Lund", "We do.\nAll of us."],
    ["0:12", "", "Every year."],
    ["0:15", "Bo Berg", "So."],
]
SPOKEN = [
    ("Bo Berg", 3.0, "Who pays?"),
    ("Anna Lund", 9.0, "We do."),
    ("Anna Lund", None, "All of us."),
    ("Anna Lund", 12.0, "Every year."),
    ("Bo Berg", 15.0, "So."),
]


def test_tables_of_speech_with_and_without_a_header():
    """Time, speaker and words by the header's names, else by what stands in the columns."""
    assert said(word("A talk", table=TABLE)) == SPOKEN
    assert said(word("A talk", table=TABLE[1:])) == SPOKEN
    rows = "".join(
        "<table:table-row>"
        + "".join(
            "<table:table-cell>"
            + "".join(f"<text:p>{part}</text:p>" for part in cell.split("\n"))
            + "</table:table-cell>"
            for cell in cells
        )
        + "</table:table-row>"
        for cells in TABLE
    )
    assert said(odt(xml=f"<table:table>{rows}</table:table>"), "odt") == SPOKEN
    cells = "".join(
        "\\trowd" + "".join(f"\\pard\\intbl {escaped(cell)}\\cell" for cell in row) + "\\row\n"
        for row in TABLE
    ).replace("\\line ", "\\par\n")
    assert said(rtf("A talk", tail=f"{cells}\\pard"), "rtf") == SPOKEN


def test_another_table_is_text_and_a_time_that_ends_early_is_left_out():
    """A roll of names among paragraphs stays where it is; words are kept."""
    data = word(
        "BERG: Who?", "LUND: Me.", "BERG: So.", "LUND: Yes.", table=[["boats", "4"], ["men", "9"]]
    )
    assert [text for _, _, text in said(data)] == ["Who?", "Me.", "So.", "Yes.", "boats 4", "men 9"]
    late = [
        ["Start", "End", "Speaker", "Text"],
        ["0:09", "0:03", "Bo Berg", "So."],
        ["0:12", "0:15", "Bo Berg", "Well."],
    ]
    parsed = read(word(table=late))
    (first, second) = parsed.transcript.paragraphs()
    assert (first.start_s, first.end_s, second.end_s) == (9.0, None, 15.0)
    assert "ends before it starts" in parsed.warnings[0]


RUN = '<w:r><w:t xml:space="preserve">{}</w:t></w:r>'
DELETED = '<w:del w:id="1"><w:r><w:delText>gone </w:delText></w:r></w:del>'
MOVED = f'<w:moveFrom w:id="2">{RUN.format("away ")}</w:moveFrom>'
ADDED = f'<w:ins w:id="3">{RUN.format("added ")}</w:ins>'
HIDDEN = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>"
CONTROL = f"<w:sdt><w:sdtContent>{RUN.format('boxed ')}</w:sdtContent></w:sdt>"
LINK = f'<w:hyperlink w:anchor="x">{RUN.format("linked")}</w:hyperlink>'


def test_tracked_changes_in_docx():
    """What was deleted, moved away or hidden is not text; what was added or boxed is."""
    first = f"<w:p>{RUN.format('BERG: Well, ')}{DELETED}{MOVED}{ADDED}{HIDDEN}{CONTROL}{LINK}</w:p>"
    rest = "".join(
        f"<w:p>{RUN.format(text)}</w:p>" for text in ("LUND: Yes.", "BERG: So.", "LUND: No.")
    )
    assert said(body(first + f"<w:sdt><w:sdtContent>{rest}</w:sdtContent></w:sdt>")) == [
        ("Berg", None, "Well, added boxed linked"),
        ("Lund", None, "Yes."),
        ("Berg", None, "So."),
        ("Lund", None, "No."),
    ]


TALK = ("BERG: Who pays?", "LUND: We do.", "BERG: So.", "LUND: Yes.")


def test_tracked_changes_and_footnotes_in_odt():
    """Deletions stand in a list of their own; a footnote is kept apart."""
    changes = "<text:tracked-changes><text:p>gone</text:p></text:tracked-changes>"
    note = "<text:note><text:note-body><text:p>A note.</text:p></text:note-body></text:note>"
    last = f'<text:p>BERG: A boat,{note} I<text:s text:c="2"/>say.</text:p>'
    parsed = read(odt(*TALK, xml=changes + last), "odt")
    assert said(odt(*TALK, xml=changes + last), "odt")[-1] == ("Berg", None, "A boat, I say.")
    assert [(one.text, one.reason) for one in parsed.dropped] == [("A note.", "footnote")]


def test_deleted_and_hidden_text_fonts_and_footnotes_in_rtf():
    """Also what links, pictures and fields hold besides their words; letters by their font."""
    fonts = "{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Arial Cyr;}}"
    tail = (
        "\\pard BERG: A boat,{\\super\\chftn}{\\footnote \\pard A {\\b note}.} {\\deleted gone }"
        '\\v hidden\\v0 {\\field{\\*\\fldinst HYPERLINK "http://x"}{\\fldrslt linked}} '
        "{\\pict\\bin5 }}}}} }{\\f1\\'ef\\'ee\\'f0\\'f2}.\\par"
    )
    data = rtf(*TALK, head=fonts, tail=tail)
    assert said(data, "rtf")[-1] == ("Berg", None, "A boat, linked порт.")
    assert [(one.text, one.reason) for one in read(data, "rtf").dropped] == [
        ("A note.", "footnote")
    ]


def test_footnotes_in_docx_are_kept_apart():
    """The separators that Word puts among them are none."""
    with zipfile.ZipFile(io.BytesIO(word(*TALK))) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["word/footnotes.xml"] = (
        f'<w:footnotes xmlns:w="{W}"><w:footnote w:type="separator" w:id="0"><w:p>'
        f'{RUN.format("line")}</w:p></w:footnote><w:footnote w:id="1"><w:p>'
        f"{RUN.format('A note.')}</w:p></w:footnote></w:footnotes>"
    ).encode()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(
        b"</Types>",
        f'<Override PartName="/word/footnotes.xml" ContentType="{kind}"/></Types>'.encode(),
    )
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
    members["word/_rels/document.xml.rels"] = members["word/_rels/document.xml.rels"].replace(
        b"</Relationships>",
        f'<Relationship Id="rId99" Type="{relation}" Target="footnotes.xml"/>'.encode()
        + b"</Relationships>",
    )
    data = zipped(members)
    assert [(one.text, one.reason) for one in read(data).dropped] == [("A note.", "footnote")]
    assert len(said(data)) == 4


@every_format
def test_title_and_date_are_believed_where_the_text_bears_them_out(kind):
    """A title cut at a stop is completed; a template's is only better than none."""
    lines = ("Session No. 1, at the port", "Divendres, 17 de maig de 2024", *TALK)
    heads = {
        "docx": lambda title: word(*lines, title=title),
        "odt": lambda title: odt(
            *lines,
            meta=f"<dc:title>{title}</dc:title>"
            "<meta:creation-date>2024-05-17T09:00:00</meta:creation-date>",
        ),
        "rtf": lambda title: rtf(
            *lines, head=f"{{\\info{{\\title {title}}}{{\\creatim\\yr2024\\mo5\\dy17\\hr9}}}}"
        ),
    }
    transcript = read(heads[kind]("Session No"), kind).transcript
    assert transcript.title == "Session No. 1, at the port"
    assert transcript.date.isoformat() == "2024-05-17"
    assert read(heads[kind]("transcript_v2.doc"), kind).transcript.title == lines[0]


BOMB = zipped({"word/document.xml": b"\0" * 40_000_000, "content.xml": b"\0" * 40_000_000})
GOOD = zipped({"content.xml": b"<a/>", "META-INF/manifest.xml": b"<encryption-data/>"})
ENTITY = zipped({"content.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'})


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "encrypted or an old .doc"),
        ("docx", b"PK\3\4nonsense", "no DOCX file"),
        ("docx", word(*TALK)[:-600], "no DOCX file"),
        ("docx", zipped({"a.txt": b"a"}), "no DOCX file"),
        ("docx", BOMB, "zip bomb"),
        ("docx", body("<w:p>"), "XML does not parse"),
        ("docx", word(), "understood as speech"),
        ("odt", BOMB, "zip bomb"),
        ("odt", GOOD, "encrypted"),
        ("odt", ENTITY, "XML does not parse"),
        ("odt", odt(*TALK)[:-60], "no ODT file"),
        ("odt", zipped({"content.xml": b"<a/>"}), "no text document"),
        ("odt", odt(xml="<text:span>" * 5000 + "</text:span>" * 5000), "nested|understood"),
        ("rtf", b"{\\rtf1 cut {\\b short", "cut short"),
        ("rtf", b"words", "no RTF"),
        ("rtf", b"{\\rtf1 \\u99999999?x}", "makes no sense"),
        ("rtf", b"{\\rtf1 }", "understood as speech"),
    ],
)
def test_what_cannot_be_read_is_a_clear_error(kind, data, reason):
    """Bombs are refused by what their directory says, before anything is inflated."""
    with pytest.raises(TranscriptError, match=reason):
        read(data, kind)


WORDS = st.text(alphabet=st.characters(codec="utf-8", categories=["Ll"]), min_size=2, max_size=9)
SPEECHES = st.lists(
    st.tuples(st.sampled_from(["Anna Lund", "Bo Berg"]), st.lists(WORDS, min_size=1, max_size=9)),
    min_size=1,
    max_size=8,
)
FORMS = ("{}: {}", "**{}:** {}", "**{}**\t{}")


@every_format
@given(speeches=SPEECHES, form=st.sampled_from(FORMS))
@settings(max_examples=25, deadline=None)
def test_every_word_comes_back_once_by_its_speaker(kind, speeches, form):
    """In any script, in any form of label."""
    turns = [(name, "So " + " ".join(words) + ".") for name, words in speeches]
    turns += [("Anna Lund", "Good day."), ("Bo Berg", "Good day.")] * 2
    found = said(WRITERS[kind](*(form.format(*turn) for turn in turns)), kind)
    assert found == [(name, None, fold(text)) for name, text in turns]


@every_format
@given(at=st.integers(0, 3000), junk=st.binary(min_size=1, max_size=20))
@settings(max_examples=40, deadline=None)
def test_damaged_files_are_read_or_refused(kind, at, junk):
    """Never another exception than ours."""
    data = WRITERS[kind](*TALK)
    at %= len(data)
    with suppress(TranscriptError):
        read(data[:at] + junk + data[at + len(junk) :], kind)


@pytest.mark.parametrize("kind", ["docx", "odt"])
def test_an_archive_with_a_part_without_a_name_is_an_error(kind):
    """Found by fuzzing: such a part is neither a file nor a folder."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x", "y")
    data = buffer.getvalue()
    central = data.index(b"PK\x01\x02")
    nameless = data[: central + 28] + b"\x00\x00" + data[central + 30 :]
    with pytest.raises(TranscriptError):
        read(nameless, kind)
