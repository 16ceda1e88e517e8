"""Passages → citations in the forms that editors, spreadsheets and reference managers read.

Every form holds the verbatim words. Escapes what a form would take for its own marks; reads
nothing.
"""

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, NamedTuple
from urllib.parse import quote as url_quote

from indexer.dates import spoken_date
from indexer.transcript import fold
from service.markdown import escape
from service.passages import Quoted


class Form(StrEnum):
    """The forms of citations."""

    MARKDOWN = "markdown"
    BIBTEX = "bibtex"
    RIS = "ris"
    CSV = "csv"
    CSL_JSON = "csl-json"


class File(NamedTuple):
    """An export as it is sent: media type, a name to save it by, and the text."""

    media_type: str
    name: str
    text: str


_COLUMNS = ("id", "speaker", "role", "title", "date", "paragraphs", "quote", "url")
# What spreadsheets take for the beginning of a formula, in full width too.
_FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@\t\r\n＝＋－＠]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# As words, not `\{`: BibTeX counts braces whether or not a backslash stands before them.
_BIBTEX = {
    "\\": r"\textbackslash{}",
    "{": r"\textbraceleft{}",
    "}": r"\textbraceright{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    **{mark: f"\\{mark}" for mark in "&%$#_"},
}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


def export(form: Form, passages: Sequence[Quoted], base: str) -> File:
    """The citations in one file; their addresses begin with `base`, without a slash at its end."""
    media_type, name, written = _FORMS[form]
    return File(media_type, name, written(passages, base))


def _markdown(passages: Sequence[Quoted], base: str) -> str:
    return "\n".join(_quotation(one, base) for one in passages)


def _quotation(one: Quoted, base: str) -> str:
    paragraphs = [escape(text) for text in one.passage.text.split("\n")]
    date = [spoken_date(one.date)] if one.date else []
    link = f"[{_place(one)}](<{_url(one, base)}>)"
    source = ", ".join((escape(_speaker(one)), f"*{escape(one.title)}*", *date, link))
    return "> “" + "\n>\n> ".join(paragraphs) + f"”\n>\n> — {source}\n"


def _bibtex(passages: Sequence[Quoted], base: str) -> str:
    return "\n".join(_bibtex_entry(one, base) for one in passages)


def _bibtex_entry(one: Quoted, base: str) -> str:
    fields = {
        "author": f"{{{_tex(_speaker(one))}}}",
        "title": f"{{{_tex(one.title)}}}",
        "note": _tex(_place(one)),
        "abstract": _tex(one.passage.text),
        # Packages take an address as it stands.
        "url": _url(one, base),
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items()]
    if one.date is not None:
        lines.append(f"  date = {{{one.date.isoformat()}}}")
        lines.append(f"  year = {{{one.date.year}}}")
        lines.append(f"  month = {_MONTHS[one.date.month - 1]}")
    return f"@misc{{{_key(one)},\n" + ",\n".join(lines) + "\n}\n"


def _key(one: Quoted) -> str:
    """The passage's id in ASCII; what is not, percent-encoded with other marks, so none collide."""
    return re.sub(r"%", "+", url_quote(one.passage.id, safe=":"))


def _tex(text: str) -> str:
    return "".join(_BIBTEX.get(char, char) for char in _line(text))


def _ris(passages: Sequence[Quoted], base: str) -> str:
    return "".join(f"{tag}  - {value}\r\n" for one in passages for tag, value in _ris_of(one, base))


def _ris_of(one: Quoted, base: str) -> list[tuple[str, str]]:
    date = (
        [("DA", f"{one.date.isoformat().replace('-', '/')}/"), ("PY", str(one.date.year))]
        if one.date
        else []
    )
    return [
        ("TY", "GEN"),
        ("ID", _line(one.passage.id)),
        ("AU", _line(_speaker(one))),
        ("TI", _line(one.title)),
        *date,
        ("AB", _line(one.passage.text)),
        ("N1", _place(one)),
        ("UR", _url(one, base)),
        ("ER", ""),
    ]


def _csv(passages: Sequence[Quoted], base: str) -> str:
    written = io.StringIO()
    rows = csv.writer(written)
    rows.writerow(_COLUMNS)
    for one in passages:
        date = one.date.isoformat() if one.date else ""
        name = one.turn.speaker.name if one.turn.speaker else ""
        cells = (one.passage.id, name, one.turn.role.value, one.title, date, _numbers(one))
        rows.writerow([_cell(cell) for cell in (*cells, one.passage.text, _url(one, base))])
    return written.getvalue()


def _cell(text: str) -> str:
    """The text, with an apostrophe before what a spreadsheet would compute."""
    text = text.replace("\0", "")
    return f"'{text}" if _FORMULA.match(text) else text


def _csl_json(passages: Sequence[Quoted], base: str) -> str:
    return json.dumps([_csl_item(one, base) for one in passages], ensure_ascii=False, indent=1)


def _csl_item(one: Quoted, base: str) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": one.passage.id,
        "type": "speech",
        "title": one.title,
        "author": [{"literal": _speaker(one)}],
        "section": _place(one),
        "abstract": one.passage.text,
        "URL": _url(one, base),
    }
    if one.date is not None:
        item["issued"] = {"date-parts": [[one.date.year, one.date.month, one.date.day]]}
    return item


def _speaker(one: Quoted) -> str:
    return one.turn.speaker.name if one.turn.speaker else "Unknown speaker"


def _numbers(one: Quoted) -> str:
    first, last = one.passage.first_paragraph, one.passage.last_paragraph
    return str(first) if first == last else f"{first}–{last}"


def _place(one: Quoted) -> str:
    several = one.passage.first_paragraph != one.passage.last_paragraph
    return f"paragraph{'s' if several else ''} {_numbers(one)}"


def _url(one: Quoted, base: str) -> str:
    return url_quote(base, safe=":/[]%") + one.href


def _line(text: str) -> str:
    """The text in one line: a form that goes by lines would take the next for its own."""
    return fold(_CONTROL.sub(" ", text))


_FORMS: dict[Form, tuple[str, str, Callable[[Sequence[Quoted], str], str]]] = {
    Form.MARKDOWN: ("text/markdown", "citations.md", _markdown),
    Form.BIBTEX: ("application/x-bibtex; charset=utf-8", "citations.bib", _bibtex),
    Form.RIS: ("application/x-research-info-systems; charset=utf-8", "citations.ris", _ris),
    Form.CSV: ("text/csv", "citations.csv", _csv),
    Form.CSL_JSON: ("application/vnd.citationstyles.csl+json", "citations.json", _csl_json),
}
