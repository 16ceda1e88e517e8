"""Bad files, one table: each is one clear line that names file and place; the rest goes on."""

import io
import json
import os
import re
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from indexer.formats import MAX_FILE_BYTES

GOOD = "Ann Berg: We met in the morning.\n\nBo Lund: And parted at noon.\n\nAnn Berg: So we did.\n"
CUES = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann Berg>One.\n\n"
LOL = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
LOL = f'<!DOCTYPE x [<!ENTITY l0 "lol">{LOL}]>'
FETCH = "<!DOCTYPE x [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
WORD = "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>"
END = "</w:body></w:document>"
ODT = b"application/vnd.oasis.opendocument.text"
ODS = b"application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True)
class Case:
    """A bad file: how it is made, what is said of it, and whether that is a failure."""

    name: str
    data: bytes | Callable[[Path], object]
    says: str
    code: int = 1
    inside: str = ""
    line: int = 0
    status: str = "failed"


def packed(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def encrypted(members: dict[str, bytes]) -> bytes:
    """A zip that says of all its members that they are encrypted."""
    data = bytearray(packed(members))
    for mark, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = data.find(mark)
        while start >= 0:
            data[start + at] |= 1
            start = data.find(mark, start + 1)
    return bytes(data)


def pdf(text: str = "", *, password: str = "") -> bytes:
    """A PDF of one page with the text; without, it has a picture of a page only."""
    from fpdf import FPDF

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        document = FPDF()
        if password:
            document.set_encryption(owner_password=password, user_password=password)
        document.add_page()
        document.set_font("Helvetica", size=12)
        if text:
            document.multi_cell(0, 8, text)
        else:
            document.rect(20, 20, 100, 100, style="F")
        return bytes(document.output())


def tei(body: str, doctype: str = "") -> bytes:
    head = f"<?xml version='1.0'?>\n{doctype}\n<TEI xmlns='http://www.tei-c.org/ns/1.0'>\n"
    return f"{head}<text><body>{body}</body></text></TEI>".encode()


def docx(document: str) -> bytes:
    types = (
        "<?xml version='1.0'?><Types xmlns='http://schemas.openxmlformats.org/package/2006/"
        "content-types'><Default Extension='rels' ContentType='application/vnd.openxmlformats-"
        "package.relationships+xml'/><Override PartName='/word/document.xml' ContentType="
        "'application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'/>"
        "</Types>"
    )
    relations = (
        "<?xml version='1.0'?><Relationships xmlns='http://schemas.openxmlformats.org/package/"
        "2006/relationships'><Relationship Id='r1' Type='http://schemas.openxmlformats.org/"
        "officeDocument/2006/relationships/officeDocument' Target='word/document.xml'/>"
        "</Relationships>"
    )
    return packed(
        {
            "[Content_Types].xml": types.encode(),
            "_rels/.rels": relations.encode(),
            "word/document.xml": document.encode(),
        }
    )


# A part that says it is 256 MiB.
BOMB = packed({"word/document.xml": bytes(2**20)}).replace(
    (2**20).to_bytes(4, "little"), (2**28).to_bytes(4, "little")
)


def truncate(size: int) -> Callable[[Path], object]:
    return lambda path: os.truncate(os.open(path, os.O_CREAT | os.O_WRONLY), size)


def link_out(path: Path) -> None:
    outside = path.parents[1] / "outside.txt"
    outside.write_text(GOOD)
    path.symlink_to(outside)


def beside(meta: str) -> Callable[[Path], object]:
    """A good file with the metadata beside it."""

    def make(path: Path) -> None:
        path.write_text(GOOD)
        path.with_name(f"{path.name}.meta.json").write_text(meta)

    return make


def bad_name(path: Path) -> None:
    Path(os.fsdecode(bytes(path.parent) + b"/b\xffd.txt")).write_text(GOOD)


def built(make: Callable[[], bytes]) -> Callable[[Path], object]:
    """A file that takes a library to make."""
    return lambda path: path.write_bytes(make())


def failed(name: str, data: bytes | Callable[[Path], object], says: str, line: int = 0) -> Case:
    return Case(name, data, says, line=line)


def skipped(name: str, data: bytes | Callable[[Path], object], says: str) -> Case:
    return Case(name, data, says, code=0, status="skipped")


def in_zip(member: str, data: bytes, says: str) -> Case:
    """A member that is passed over."""
    archive = packed({member: data})
    return Case("bad.zip", archive, says, code=0, inside=f"!/{member}", status="skipped")


TEXT = {
    "empty": failed("bad.txt", b"", "is empty"),
    "white space": failed("bad.txt", b" \n\t\r\n\n", "is empty"),
    "binary": failed("bad.txt", bytes(range(256)) * 9, "NUL bytes"),
    "UTF-16 without a mark": failed("bad.txt", GOOD.encode("utf-16-le"), "NUL bytes"),
    "UTF-16 cut in a character": failed("bad.txt", GOOD.encode("utf-16")[:-1], "NUL bytes"),
    "UTF-32": failed("bad.txt", GOOD.encode("utf-32"), "NUL bytes"),
    "nobody speaks": failed("bad.txt", b"  * one\n\n  * two\n", "understood as speech"),
    "broken front matter": failed("bad.md", b"---\ntitle: a\ndate: ]\n---\n", "not valid YAML", 3),
    "front matter in text": failed("bad.txt", b"---\ntitle: [\n---\nA: Hi.\n", "not valid YAML"),
    "deep front matter": failed("bad.md", b"---\ndate: " + b"[" * 600 + b"\n---", "not valid YAML"),
}
META = {
    "no JSON": ("{\n'title'}", r"\.meta\.json:2: is not valid JSON"),
    "no object": ("[]", "no JSON object"),
    "not UTF-8": ('{"title": "\0"}', "NUL bytes|not valid JSON"),
    "a title that is a number": ('{"title": 7}', "field 'title' is 7, not a text"),
    "a title of half a character": ('{"title": "\\ud83d"}', "field 'title'"),
    "a date that is none": ('{"date": "3/5/23"}', "field 'date' is \"3/5/23\", not YYYY-MM-DD"),
    "an address that is none": ('{"url": "javascript:x"}', "field 'url'"),
    "a language that is none": ('{"language": "in English"}', "field 'language'"),
    "speakers in one text": ('{"speakers": "Ann"}', "field 'speakers' is \"Ann\", not a list"),
    "a speaker that is a number": ('{"speakers": [1]}', "field 'speakers' is 1"),
    "endless nesting": ("[" * 10**5, "nested too deep|is not valid JSON"),
}
FILES = {
    "over the limit": skipped("bad.txt", truncate(MAX_FILE_BYTES + 1), "over 64 MiB"),
    "a pipe": skipped("bad.txt", os.mkfifo, "not a file"),
    "a link out of the folder": skipped("bad.txt", link_out, "a link out of the folder"),
    "a link to itself": skipped("bad.txt", lambda path: path.symlink_to(path), "leads nowhere"),
    "a link to nothing": skipped("bad.txt", lambda path: path.symlink_to("no"), "leads nowhere"),
    "an unknown format": skipped("bad.wav", b"RIFF", "format not known"),
    "a name that is not text": skipped("b\\udcffd.txt", bad_name, "name is not text"),
}
ARCHIVES = {
    "an archive cut off": failed("bad.zip", packed({"a.txt": b"A: B."})[:-9], "cut off"),
    "an archive that is text": failed("bad.zip", GOOD.encode(), "is no zip archive"),
    "an empty archive": failed("bad.zip", b"", "is no zip archive"),
    "a zip bomb": failed("bad.zip", packed({"a.txt": bytes(2**24)}), "like a zip bomb"),
    "an archive in an archive": in_zip("a.zip", b"PK", "archive in an archive"),
    "a member that leads out": in_zip("../a.txt", GOOD.encode(), "leads out of the archive"),
    "an absolute member": in_zip("/a.txt", GOOD.encode(), "leads out of the archive"),
    "an encrypted member": Case(
        "bad.zip", encrypted({"a.txt": b"A: B."}), "is encrypted", 0, "!/a.txt", status="skipped"
    ),
    "a member with changed bytes": Case(
        "bad.zip",
        packed({"a.txt": GOOD.encode()}, zipfile.ZIP_STORED).replace(b"noon", b"nine"),
        "is damaged in the archive",
        inside="!/a.txt",
    ),
    "a bad member": Case("bad.zip", packed({"a.vtt": b"\0\1"}), "NUL bytes", inside="!/a.vtt"),
}
OFFICE = {
    "an encrypted PDF": failed("bad.pdf", built(lambda: pdf(GOOD, password="x")), "password"),
    "a scanned PDF": failed("bad.pdf", built(pdf), "scan|no text|OCR"),
    "a PDF cut off": failed("bad.pdf", built(lambda: pdf(GOOD)[:300]), "cut short"),
    "a PDF that is none": failed("bad.pdf", bytes(range(256)), "is no PDF file"),
    "a docx of another zip": failed("bad.docx", packed({"a.txt": b"x"}), "without a Word"),
    "a docx cut off": failed("bad.docx", docx(WORD)[:-30], "damaged or cut off"),
    "a docx of broken XML": failed("bad.docx", docx(f"{WORD}<w:p>"), "XML"),
    "a docx without text": failed("bad.docx", docx(f"{WORD}{END}"), "understood as speech|no text"),
    "a docx that is a bomb": failed("bad.docx", BOMB, "MiB"),
    "a docx of entities": failed(
        "bad.docx",
        docx(f"{LOL}{WORD}<w:p><w:r><w:t>&l8;</w:t></w:r></w:p>{END}"),
        "XML does not parse|entit",
    ),
    "an odt without its text": failed("bad.odt", packed({"mimetype": ODT}), "no text document"),
    "an odt of broken XML": failed(
        "bad.odt", packed({"mimetype": ODT, "content.xml": b"<office:"}), "XML"
    ),
    "an ods without its table": failed("bad.ods", packed({"mimetype": ODS}), "spreadsheet"),
    "an rtf that is none": failed("bad.rtf", bytes(range(256)), "is no RTF file"),
    "an rtf cut off": failed("bad.rtf", rb"{\rtf1\ansi{\fonttbl{\f0 A;", "cut short"),
    "an rtf of open groups": failed("bad.rtf", rb"{\rtf1 " + b"{" * 10**6, "cut short|deep"),
    "an rtf of binary data": failed("bad.rtf", rb"{\rtf1 {\pict\bin99999999999 x}}", "cut short"),
}
MARKUP = {
    "an entity bomb": failed("bad.xml", tei("<p>&l8;</p>", LOL), "entity 'l1'"),
    "an external entity": failed("bad.xml", tei("<p>&x;</p>", FETCH), "entity 'x' from another"),
    "XML without its end": failed("bad.xml", tei("<u who='#a'>Hi.")[:-20], "well-formed"),
    "XML of another kind": failed("bad.xml", b"<rss><channel/></rss>", "the root <rss>"),
    "XML of endless nesting": failed("bad.xml", tei("<div>" * 10**5), "deep"),
    "XML that is none": failed("bad.xml", b"Ann: Hi.", "not well-formed", 1),
    "HTML without text": failed(
        "bad.html", b"<!doctype html><script>x = 'A: B.'</script>", "understood|no text"
    ),
    "HTML of endless nesting": failed("bad.html", b"<div>" * 10**5, "understood|no text|deep"),
}
TIMED = {
    "subtitles that are empty": failed("bad.vtt", b"", "is empty"),
    "subtitles without cues": failed("bad.vtt", b"WEBVTT\n\nNOTE nothing\n", "no captions"),
    "cues without words": failed("bad.srt", b"1\n00:00:01,000 --> 00:00:02,000\n\n", "no captions"),
    "JSON with NaN": failed("bad.json", b'[{"text": "b", "start": NaN}]', "NaN"),
    "JSON of endless nesting": failed("bad.json", b"[" * 10**6, "nested too deep"),
    "JSON of another shape": failed("bad.json", b'{"a": {"b": [1, 2]}}', "known"),
    "JSON of numbers": failed("bad.json", b"[1, 2, 3]", "no known shape"),
    "JSON cut off": failed("bad.json", b'[{"speaker": "A",\n"text": "b', "not valid JSON", 2),
    "JSON of nobody": failed("bad.json", b"[]", "understood as speech"),
    "JSON of wrong types": failed(
        "bad.json", b'{"segments": [{"start": "x", "text": 1}]}', r"segments\[0\]\.text"
    ),
    "a table without a header": failed("bad.csv", b"1,2,3\n4,5,6\n", "no row names its columns"),
    "a table of one column": failed("bad.csv", b"a\nb\n", "no row names its columns"),
    "a table with a long field": failed(
        "bad.csv", b'speaker,text\nA,"' + b"x" * 10**6, "is not closed"
    ),
    "a table with NUL": failed("bad.csv", b"speaker,text\nAnn,\0\n", "NUL bytes"),
}
CASES = {
    **TEXT,
    **{
        f"metadata: {key}": failed("bad.txt", beside(*row[:1]), row[1]) for key, row in META.items()
    },
    **FILES,
    **ARCHIVES,
    **OFFICE,
    **MARKUP,
    **TIMED,
}


@pytest.fixture
def folder(tmp_path):
    """A folder with one good transcript, that comes after all the bad ones."""
    path = tmp_path / "talks"
    path.mkdir()
    (path / "z-good.txt").write_text(GOOD)
    return path


def make(case: Case, folder: Path) -> Path:
    path = folder / case.name
    if callable(case.data):
        case.data(path)
    else:
        path.write_bytes(case.data)
    return path


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_bad_file_is_one_line_and_the_rest_is_indexed(case, run, folder):
    """File, line where there is one, and reason; never a traceback."""
    path = make(case, folder)
    code, out, err = run("index", folder)
    assert out.startswith("1 indexed")
    assert code == case.code
    (line,) = err.splitlines()
    place = f"{path}{case.inside}" + (f":{case.line}" if case.line else "")
    assert line.startswith(f"{case.status:8} {place}")
    assert re.search(case.says, line.removeprefix(f"{case.status:8} {path}"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_inspect_says_the_same_of_it(case, run, folder):
    """And shows the good file."""
    make(case, folder)
    indexed = run("index", folder)
    inspected = run("inspect", folder)
    assert (inspected[0], inspected[2]) == (indexed[0], indexed[2])
    assert inspected[1].startswith(f"{folder}/z-good.txt\n")


GERMAN = "Ann: Später. Über die Brücke gehören Fußgänger.\n\nBo: Größe!\n"
GERMAN_TEXTS = ["Später. Über die Brücke gehören Fußgänger.", "Größe!"]
HALF = b'[{"speaker": "A", "text": "One \\ud83d"}, {"speaker": "B", "text": "Two."}]'
LATE_CUE = "00:00:03.000 --> 00:00:02.000\n<v Ann Berg>Two.\n"
ODDITIES = {
    "a cue that ends before it starts": ("odd.vtt", (CUES + LATE_CUE).encode(), ["One. Two."]),
    "another encoding": ("odd.txt", GERMAN.encode("cp1252"), GERMAN_TEXTS),
    "a picture in text": (
        "odd.txt",
        "Ann: \U0001f600.\n\nBo: Two.\n".encode(),
        ["\U0001f600.", "Two."],
    ),
    "half a character": ("odd.json", HALF, ["One \N{REPLACEMENT CHARACTER}", "Two."]),
    "text named docx": ("odd.docx", b"Ann: One.\n\nBo: Two.\n", ["One.", "Two."]),
    "a folder named like a file": ("odd.txt/a.txt", b"Ann: One.\n\nBo: Two.\n", ["One.", "Two."]),
}


@pytest.mark.parametrize(("name", "data", "texts"), ODDITIES.values(), ids=ODDITIES)
def test_odd_files_are_read_all_the_same(name, data, texts, run, folder):
    """No word is lost; what was odd is a warning at the most."""
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    code, out, _ = run("index", folder)
    assert (code, out.partition(";")[0]) == (0, "2 indexed")
    shown = json.loads(run("show", Path(name).stem, "--json")[1])
    assert [one["text"] for turn in shown["turns"] for one in turn["paragraphs"]] == texts


def test_a_line_of_ten_megabytes_is_read(run, folder):
    """In linear time (a stall would hang here)."""
    path = folder / "odd.txt"
    path.write_bytes(b"Ann Berg: " + b"word " * 2_000_000)
    code, out, _ = run("inspect", path)
    assert code == 0
    assert " 2000000 words  Ann Berg: " in out


def test_a_file_that_vanishes_is_one_line(run, folder, monkeypatch):
    """Between the walk and the reading."""
    (folder / "bad.txt").write_text(GOOD)
    read = Path.open

    def lose(path, *args, **options):
        if path.name == "bad.txt":
            path.unlink(missing_ok=True)
        return read(path, *args, **options)

    monkeypatch.setattr(Path, "open", lose)
    code, out, err = run("index", folder)
    assert (code, out.partition(";")[0]) == (1, "1 indexed, 1 failed")
    assert err == (f"failed   {folder}/bad.txt: cannot be read: no such file or directory\n")


@pytest.mark.parametrize("name", ["bad.txt", "bad.zip"])
def test_a_file_without_permission_is_one_line(run, folder, monkeypatch, name):
    """Root may read all, so the refusal is played."""
    (folder / name).write_bytes(packed({"a.txt": b"x"}))
    read = Path.open

    def refuse(path, *args, **options):
        if path.name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, *args, **options)

    monkeypatch.setattr(Path, "open", refuse)
    code, _, err = run("index", folder)
    assert (code, err) == (1, f"failed   {folder}/{name}: cannot be read: permission denied\n")


def test_a_folder_without_permission_is_one_line(run, folder, monkeypatch):
    """The rest of the run goes on."""
    (folder / "sub").mkdir()
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    code, out, err = run("index", folder)
    assert (code, out.partition(";")[0]) == (1, "1 indexed, 1 failed")
    assert err == f"failed   {folder}/sub: cannot be read: permission denied\n"


@pytest.mark.parametrize(
    ("make_file", "reason"),
    [
        (truncate(MAX_FILE_BYTES + 1), "is over 64 MiB: split it"),
        (os.mkfifo, "is no file"),
        (lambda path: path.symlink_to(path.name), "there is no such file"),
        (lambda path: path.write_bytes(bytes(range(256))), "is not text (it holds NUL bytes)"),
    ],
)
def test_what_is_named_itself_is_a_failure_where_a_folder_would_pass_it_over(
    run, folder, make_file, reason
):
    """Who names a file wants it read."""
    path = folder / "bad.txt"
    make_file(path)
    code, out, err = run("index", path, folder / "z-good.txt")
    assert (code, out.partition(";")[0]) == (1, "1 indexed, 1 failed")
    assert err == f"failed   {path}: {reason}\n"


def test_a_file_of_no_known_format_named_itself_says_which_are_known(run, folder):
    """And that one can be given."""
    path = folder / "bad.wav"
    path.write_bytes(struct.pack("<4sI4s", b"RIFF", 36, b"WAVE"))
    code, _, err = run("index", path)
    assert code == 1
    assert err.startswith(f"failed   {path}: format not known: give one of .txt, ")
    assert err.endswith(", or --format\n")


def test_an_unknown_format_is_wrong_usage(run, folder):
    """Before anything is read; the known ones are named."""
    code, _, err = run("index", "--format", "klingon", folder / "z-good.txt")
    assert code == 2
    assert "'klingon' is none of text, markdown" in err
    code, _, err = run("index", "--format", "text", folder)
    assert code == 1
    assert err == f"onrecord: {folder}: --format is for files that are named one by one\n"


def test_names_that_are_not_text_can_be_told_in_json(run, folder):
    """A name is bytes to the system, text to JSON."""
    bad_name(folder / "x")
    code, out, _ = run("index", folder, "--json")
    assert code == 0
    assert json.loads(out)[0]["path"].endswith("b\udcffd.txt")
