"""Which format a file is taken for: what stands in it counts, then its name."""

import io
import zipfile

import pytest

from evaluation.samples import ROOT
from indexer.errors import TranscriptError
from indexer.formats import FORMATS, parse
from indexer.formats.detection import Detected, detect

TALK = b"Ann Berg: One.\n\nBo Lund: Two.\n\nAnn Berg: Three.\n"
VTT = b"WEBVTT\n\n00:01.000 --> 00:02.000\nHi.\n"
SRT = b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHi.\r\n"
HTML = b"<?xml version='1.0'?>\n<!-- saved -->\n<!DOCTYPE HTML>\n<html><body>Hi."
TEI = b"<?xml version='1.0'?><TEI xmlns='http://www.tei-c.org/ns/1.0'><teiHeader/></TEI>"
FRONT = b"---\ntitle: A talk\n---\nAnn: Hi.\n"


def packed(**members: bytes) -> bytes:
    """A zip of the members; `_` in a name stands for a slash, `__` for a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", ".").replace("_", "/"), data)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "format_name"),
    [
        (TALK, "a.txt", "text"),
        (TALK, "a.md", "markdown"),
        (FRONT, "a.txt", "markdown"),
        (b"---\nA rule above the first words.\n---\nAnn: Hi.\n", "a.txt", "text"),
        (TALK, "transcript", "text"),
        (TALK, "a.xyz", "text"),
        (FRONT, "a.xyz", "markdown"),
        ("Bürgermeister: Guten Tag.".encode("cp1252"), "a.xyz", "text"),
        (b"%PDF-1.7\n", "a.pdf", "pdf"),
        (b"\n junk \n%PDF-1.7\n", "a.pdf", "pdf"),
        (rb"{\rtf1\ansi Hi.}", "a.rtf", "rtf"),
        (packed(word_document__xml=b"<w/>"), "a.docx", "docx"),
        (packed(mimetype=b"application/vnd.oasis.opendocument.text"), "a.odt", "odt"),
        (packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "a.ods", "ods"),
        (VTT, "a.vtt", "webvtt"),
        (b"\xef\xbb\xbf" + VTT, "a", "webvtt"),
        (VTT.decode().encode("utf-16"), "a", "webvtt"),
        (b"00:01.000 --> 00:02.000\nNo header.\n", "a.vtt", "webvtt"),
        (SRT, "a.srt", "srt"),
        (b"\n\n" + SRT, "a", "srt"),
        (HTML, "a.html", "html"),
        (HTML, "a", "html"),
        (b"<p>Hi.</p>", "a.html", "html"),
        (TEI, "a.xml", "tei"),
        (TEI, "a", "tei"),
        (b"<publicwhip><speech/></publicwhip>", "a.xml", "hansard"),
        (b"<ROOT><record id='1'/></ROOT>", "a.xml", "ohms"),
        (b"<TEI><teiHeader>", "a.xml", "tei"),
        (b"no XML at all", "a.xml", "tei"),
        (b' [ { "speaker": "Ann" } ]', "a.json", "json"),
        (b'{"segments": []}', "a", "json"),
        (b"{]", "a.json", "json"),
        (b"speaker,text\nAnn,Hi.\n", "a.csv", "table"),
        (b"token|speaker\n", "a.nlp", "table"),
    ],
)
def test_content_and_name_tell_the_format(data, name, format_name):
    """Without a word of warning where they agree."""
    assert detect(data, name) == Detected(format_name)


@pytest.mark.parametrize(
    ("data", "name", "format_name"),
    [
        (VTT, "a.txt", "webvtt"),
        (VTT, "a.srt", "webvtt"),
        (SRT, "a.vtt", "srt"),
        (HTML, "a.pdf", "html"),
        (TALK, "a.docx", "text"),
        (TALK, "a.rtf", "text"),
        (packed(word_document__xml=b"<w/>"), "a.txt", "docx"),
        (b"%PDF-1.7\n", "a.md", "pdf"),
        (b'{"a": 1}', "a.csv", "json"),
    ],
)
def test_a_name_that_contradicts_the_content_is_overruled_and_said(data, name, format_name):
    """The warning names the ending and the format."""
    found = detect(data, name)
    assert found is not None
    assert found.format == format_name
    assert found.warning == (f"is named {name[1:]}, but holds {format_name}: read as {format_name}")


@pytest.mark.parametrize(
    "text",
    [
        "[Music]\nAnn: Hi.",
        "[00:00:01] Ann: Hi.",
        '["No," he said.]\nAnn: Hi.',
        "{laughs} Ann: Hi.",
        "<inaudible> said Ann.",
        "<Ann> Hi.",
        "1\nAnn: Hi.",
        "WEBVTTX is no word.",
        "%PDFs are what we talked about.",
        "--- Ann: Hi.",
    ],
)
def test_speech_that_begins_like_a_format_stays_text(text):
    """Brackets, tags of transcribers and numbers are no format."""
    assert detect(text.encode(), "a.txt") == Detected("text")
    assert detect(text.encode(), "a") == Detected("text")


def test_binary_junk_is_not_known_whatever_it_is_called():
    """Known endings of marked formats do not make it one; an unknown name no text."""
    junk = bytes(range(256)) * 4
    assert detect(junk, "a.xyz") is None
    assert detect(junk, "a") is None
    with pytest.raises(TranscriptError, match=r"^a\.pdf: is no PDF file"):
        detect(junk, "a.pdf")


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (packed(xl_workbook__xml=b"<x/>"), "a.docx", "without a Word or OpenDocument text"),
        (packed(a__txt=TALK), "a.bin", "ending .zip"),
        (packed(word_document__xml=b"<w/>")[:-30], "a.docx", "damaged or cut off"),
        (b"<rss><channel/></rss>", "a.xml", "the root <rss>"),
    ],
)
def test_containers_of_something_else_are_told_apart(data, name, reason):
    """One sentence that begins with the file's name."""
    with pytest.raises(TranscriptError, match=reason) as caught:
        detect(data, name)
    assert str(caught.value).startswith(f"{name}: ")


def test_comments_without_end_are_looked_through_in_no_time():
    """The beginning of an HTML file is not searched in all the ways it could be cut up."""
    assert detect(b"<!---->" * 5000, "a.html") == Detected("html")


def test_a_format_given_by_name_overrules_both():
    """And the parse says which format it was."""
    parsed = parse(VTT, "a.vtt", format_name="text")
    assert (parsed.format, list(parsed.warnings)) == ("text", ["no speaker is named in it"])
    assert parse(TALK, "a.txt").format == "text"


def test_the_warning_of_a_wrong_name_reaches_the_parse():
    """Together with those of the format."""
    warnings = parse(TALK, "a.docx").warnings
    assert list(warnings) == ["is named .docx, but holds text: read as text"]


def test_every_format_has_a_name_of_its_own_and_endings():
    """The registry is keyed by name; endings are small letters with a dot."""
    for name, one in FORMATS.items():
        assert name == one.name
        assert one.suffixes
        assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in one.suffixes)


def test_every_format_is_in_the_documents():
    """By its name, with its endings and its extra, in a row of the table."""
    text = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `")}
    assert set(rows) == set(FORMATS)
    for name, one in FORMATS.items():
        assert all(f"`{suffix}`" in rows[name] for suffix in one.suffixes)
        assert rows[name].endswith(f"| `{one.extra}` |" if one.extra else "| |")


def test_a_text_file_with_columns_between_tabs_is_a_table():
    """As corpora of interviews are handed out."""
    data = (
        b"Line\tSpkr\tStTime\tContent\tEnTime\n1\tANN\t0.5\tWhen was it?\t1.5\n2\tBO\t2\tMay.\t3\n"
    )
    parsed = parse(data, "talk.txt")
    assert (parsed.format, parsed.warnings) == ("table", ())
    assert [turn.paragraphs[0].text for turn in parsed.transcript.turns] == ["When was it?", "May."]
