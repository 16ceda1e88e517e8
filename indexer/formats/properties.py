"""What a document says of itself beside its text, and how far that is to be believed.

Titles are often a file's name, a template's, or cut short; a date of creation is the typist's.
"""

import datetime as dt
import re
from collections.abc import Iterable

from indexer.transcript import fold

_NO_TITLE = re.compile(
    r"(?:microsoft (?:word|powerpoint)|untitled|document\s?\d*$|about:|https?:|template\b|\W*$)",
    re.IGNORECASE,
)
_FILE_NAME = re.compile(r"[_\\]|\.(?:docx?|pdf|odt|rtf|indd|qxd|txt|html?)$", re.IGNORECASE)
_MAX_TITLE = 200
_MAX_LINE_WORDS = 16


def sensible_title(title: str | None) -> str | None:
    """The title, unless it is plainly none: a single word, a file's name, a program's default."""
    shown = fold(title or "")
    if len(shown.split()) < 2 or len(shown) > _MAX_TITLE:
        return None
    return None if _NO_TITLE.match(shown) or _FILE_NAME.search(shown) else shown


def title_in(title: str | None, texts: Iterable[str]) -> str | None:
    """The line of the document that begins with its title; programs cut titles at a full stop.

    None where no line does.
    """
    if title is None:
        return None
    start = _letters(title)
    shown = (fold(text) for text in texts)
    return next((t for t in shown if _letters(t).startswith(start) and len(t) <= _MAX_TITLE), None)


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def date_if_named(date: dt.date | None, texts: Iterable[str]) -> dt.date | None:
    """A date of creation, if a short line has its day and its year, in whatever language."""
    if date is None:
        return None
    wanted = {str(date.day), str(date.year)}
    for text in texts:
        numbers = re.findall(r"\d+", text)
        if wanted <= set(numbers) and len(text.split()) <= _MAX_LINE_WORDS:
            return date
    return None
