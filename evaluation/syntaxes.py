"""Labelled paragraphs → the bytes of a transcript file, in every format and label syntax.

The counterpart of the parsers, for measuring them; writes what such files look like, no more.
"""

import html
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Protocol

from indexer.transcript import Role


class Spoken(Protocol):
    """A paragraph with whom it is by and what it does."""

    @property
    def speaker(self) -> str: ...
    @property
    def role(self) -> Role | None: ...
    @property
    def text(self) -> str: ...


FONTS = tuple(
    Path("/usr/share/fonts/truetype") / name
    for name in ("dejavu/DejaVuSans.ttf", "liberation/LiberationSans-Regular.ttf")
)
Document = Sequence[Spoken]
Turn = tuple[str, Role | None, list[str]]


@dataclass(frozen=True, slots=True)
class Syntax:
    """A way to write a transcript. `roles` says whether the format can tell who asks."""

    name: str
    format: str
    suffix: str
    write: Callable[[Document], bytes]
    roles: bool = True
    unnamed_questions: bool = False
    breaks_lines: bool = False

    def words(self, text: str) -> list[str]:
        """Words to compare; a line broken after a dash does not tell of a blank there."""
        return (text.replace("— ", "—") if self.breaks_lines else text).split()

    def matches(self, spoken: Spoken, speaker: str | None, role: Role) -> bool:
        """Whether what was read is what was written."""
        wanted = "Q" if self.unnamed_questions and spoken.role is Role.QUESTION else spoken.speaker
        same = speaker is not None and speaker.casefold() == wanted.casefold()
        return same and (spoken.role is None or not self.roles or role is spoken.role)


def turns(document: Document) -> list[Turn]:
    """Paragraphs of one speaker and role that follow each other."""
    return [
        (speaker, role, [spoken.text for spoken in run])
        for (speaker, role), run in groupby(document, key=lambda one: (one.speaker, one.role))
    ]


def labelled(form: str, *, first: str = "\n\n") -> Callable[[Document], bytes]:
    """Plain text with a label before the first paragraph of a turn."""

    def write(document: Document) -> bytes:
        blocks = []
        for speaker, _, texts in turns(document):
            blocks.append(form.format(name=speaker, upper=speaker.upper(), text=texts[0]))
            blocks += texts[1:]
        return first.join(blocks).encode()

    return write


def question_and_name(document: Document) -> bytes:
    blocks = []
    for speaker, role, texts in turns(document):
        label = "Q    " if role is Role.QUESTION else f"{speaker.upper()}:  "
        blocks += [label + texts[0], *texts[1:]]
    return "\n\n".join(blocks).encode()


def timed_text(document: Document) -> bytes:
    blocks = []
    for n, (speaker, _, texts) in enumerate(turns(document)):
        blocks += [f"[{_clock(n * 9)}] {speaker}: {texts[0]}", *texts[1:]]
    return "\n\n".join(blocks).encode()


def _clock(seconds: int, mark: str = "") -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{mark}"


def web(form: str) -> Callable[[Document], bytes]:
    """An HTML page; `form` is one turn with its name and first paragraph."""

    def write(document: Document) -> bytes:
        parts = []
        for speaker, _, texts in turns(document):
            first, *more = (html.escape(text) for text in texts)
            parts.append(form.format(name=html.escape(speaker), text=first))
            parts += [f"<p>{text}</p>" for text in more]
        body = "\n".join(parts)
        return (
            "<!doctype html><html lang=en><head><title>A transcript</title></head><body>"
            f"<nav><a href=/>Home</a></nav><article><h1>A transcript</h1>{body}</article>"
            "<footer>All rights</footer></body></html>"
        ).encode()

    return write


def vtt(document: Document) -> bytes:
    cues = ["WEBVTT"]
    for n, spoken in enumerate(document):
        times = f"{_clock(n * 9, '.000')} --> {_clock(n * 9 + 8, '.000')}"
        cues.append(f"{times}\n<v {spoken.speaker}>{html.escape(spoken.text, quote=False)}</v>")
    return "\n\n".join(cues).encode()


def srt(document: Document) -> bytes:
    cues = []
    for n, spoken in enumerate(document, start=1):
        times = f"{_clock(n * 9, ',000')} --> {_clock(n * 9 + 8, ',000')}"
        cues.append(f"{n}\n{times}\n{spoken.speaker}: {spoken.text}")
    return "\n\n".join(cues).encode()


def whisperx(document: Document) -> bytes:
    segments = [
        {"start": n * 9.0, "end": n * 9.0 + 8, "text": spoken.text, "speaker": spoken.speaker}
        for n, spoken in enumerate(document)
    ]
    return json.dumps({"segments": segments, "language": "en"}).encode()


def assemblyai(document: Document) -> bytes:
    utterances = [
        {"start": n * 9000, "end": n * 9000 + 8000, "text": spoken.text, "speaker": spoken.speaker}
        for n, spoken in enumerate(document)
    ]
    text = " ".join(spoken.text for spoken in document)
    return json.dumps({"id": "x", "text": text, "utterances": utterances}).encode()


def own_json(document: Document) -> bytes:
    from indexer.export import to_json
    from indexer.transcript import Paragraph, Speaker, Transcript
    from indexer.transcript import Turn as SpokenTurn

    spoken, number, asked = [], 0, None
    for n, (speaker, role, texts) in enumerate(turns(document), start=1):
        paragraphs = tuple(Paragraph(number + k, text) for k, text in enumerate(texts, start=1))
        number += len(texts)
        asked = n if role is Role.QUESTION else asked
        given = role or Role.STATEMENT
        if given is Role.ANSWER and asked is None:
            given = Role.STATEMENT
        answers = asked if given is Role.ANSWER else None
        spoken.append(SpokenTurn(n, Speaker(speaker), given, paragraphs, answers))
    return to_json(Transcript("x", "x", None, "en", "x", "", tuple(spoken))).encode()


def docx(document: Document) -> bytes:
    from docx import Document as Word

    word = Word()
    for speaker, _, texts in turns(document):
        paragraph = word.add_paragraph()
        paragraph.add_run(f"{speaker}: ").bold = True
        paragraph.add_run(texts[0])
        for text in texts[1:]:
            word.add_paragraph(text)
    buffer = io.BytesIO()
    word.save(buffer)
    return buffer.getvalue()


def odt(document: Document) -> bytes:
    from odf.opendocument import OpenDocumentText
    from odf.text import P

    file = OpenDocumentText()
    for speaker, _, texts in turns(document):
        for text in (f"{speaker}: {texts[0]}", *texts[1:]):
            file.text.addElement(P(text=text))
    buffer = io.BytesIO()
    file.save(buffer)
    return buffer.getvalue()


def rtf(document: Document) -> bytes:
    def escaped(text: str) -> str:
        units = text.encode("utf-16-le")
        chars = (int.from_bytes(units[at : at + 2], "little") for at in range(0, len(units), 2))
        return "".join(
            f"\\{chr(unit)}"
            if chr(unit) in "\\{}"
            else chr(unit)
            if unit < 128
            else f"\\u{unit - 65536 if unit > 32767 else unit}?"
            for unit in chars
        )

    lines = [
        escaped(text) + r"\par"
        for speaker, _, texts in turns(document)
        for text in (f"{speaker}: {texts[0]}", *texts[1:])
    ]
    return ("{\\rtf1\\ansi\\uc1 " + "\n".join(lines) + "}").encode("ascii")


def pdf(document: Document) -> bytes:
    """With a TrueType font of the system: the built-in ones lack dashes and quotation marks."""
    from fpdf import FPDF

    font = next((path for path in FONTS if path.is_file()), None)
    if font is None:
        raise FileNotFoundError(f"no font to write PDF with; install one of {FONTS}")
    page = FPDF()
    page.add_font("text", fname=font)
    page.set_font("text", size=11)
    page.add_page()
    for speaker, _, texts in turns(document):
        for text in (f"{speaker}: {texts[0]}", *texts[1:]):
            page.multi_cell(0, 6, text, new_x="LMARGIN", new_y="NEXT", align="L")
            page.ln(4)
    return bytes(page.output())


def tei(document: Document) -> bytes:
    names = sorted({spoken.speaker for spoken in document})
    ids = {name: f"p{n}" for n, name in enumerate(names)}
    people = "".join(
        f'<person xml:id="{ids[name]}"><persName>{html.escape(name)}</persName></person>'
        for name in names
    )
    said = "".join(
        f'<u who="#{ids[speaker]}">'
        + "".join(f"<seg>{html.escape(text)}</seg>" for text in texts)
        + "</u>"
        for speaker, _, texts in turns(document)
    )
    return (
        '<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:lang="en"><teiHeader><fileDesc><titleStmt>'
        "<title>A debate</title></titleStmt></fileDesc><profileDesc><particDesc><listPerson>"
        f"{people}</listPerson></particDesc></profileDesc></teiHeader><text><body><div>{said}"
        "</div></body></text></TEI>"
    ).encode()


def akoma_ntoso(document: Document) -> bytes:
    tags = {Role.QUESTION: "question", Role.ANSWER: "answer"}
    said = []
    for speaker, role, texts in turns(document):
        tag = tags.get(role, "speech") if role else "speech"
        words = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
        said.append(f'<{tag} by="#p"><from>{html.escape(speaker)}</from>{words}</{tag}>')
    return (
        '<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><debate><debateBody>'
        f"<debateSection>{''.join(said)}</debateSection></debateBody></debate></akomaNtoso>"
    ).encode()


def table(document: Document) -> bytes:
    import csv

    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["speaker", "words"])
    writer.writerows((spoken.speaker, spoken.text) for spoken in document)
    return buffer.getvalue().encode()


SYNTAXES = (
    Syntax("Name: words", "text", ".txt", labelled("{name}: {text}")),
    Syntax("NAME:  words", "text", ".txt", labelled("{upper}:  {text}")),
    Syntax("Name:, words below", "text", ".txt", labelled("{name}:\n{text}")),
    Syntax("Q and NAME:", "text", ".txt", question_and_name, unnamed_questions=True),
    Syntax("[time] Name: words", "text", ".txt", timed_text),
    Syntax("**Name:** words", "markdown", ".md", labelled("**{name}:** {text}")),
    Syntax("### Name", "markdown", ".md", labelled("### {name}\n\n{text}")),
    Syntax("<b>Name:</b>", "html", ".html", web("<p><b>{name}:</b> {text}</p>")),
    Syntax("class=speaker", "html", ".html", web('<p class="speaker">{name}</p><p>{text}</p>')),
    Syntax("<h3>Name", "html", ".html", web("<h3>{name}</h3><p>{text}</p>")),
    Syntax("bold label", "docx", ".docx", docx),
    Syntax("Name: words", "odt", ".odt", odt),
    Syntax("Name: words", "rtf", ".rtf", rtf),
    Syntax("Name: words", "pdf", ".pdf", pdf, breaks_lines=True),
    Syntax("<v Name>", "webvtt", ".vtt", vtt),
    Syntax("Name: words", "srt", ".srt", srt),
    Syntax("WhisperX", "json", ".json", whisperx),
    Syntax("AssemblyAI", "json", ".json", assemblyai),
    Syntax("onrecord/1", "json", ".json", own_json),
    Syntax("u who", "tei", ".xml", tei),
    Syntax("Akoma Ntoso", "hansard", ".xml", akoma_ntoso),
    Syntax("speaker,words", "table", ".csv", table),
)
