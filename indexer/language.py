"""Which language a transcript is in, where nothing says it: py3langid on the first spoken words.

Works offline, its model is in the package; it is loaded once, when first asked.
"""

from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

MAX_BYTES = 20_000
# Fewer letters tell too little: names, 'Yes', 'Hm'.
MIN_LETTERS = 20
# Below it the guess is mostly between neighbours (Danish and Norwegian, Croatian and Bosnian).
MIN_CONFIDENCE = 0.5
# Kinds of a language that has a two-letter code.
_KINDS = {"ary": "ar", "arz": "ar", "uzs": "uz", "wuu": "zh", "yue": "zh"}


def detect_language(paragraphs: Iterable[str]) -> str | None:
    """ISO 639-1 code of the language of the paragraphs, None where it cannot be told for sure."""
    text = _beginning(paragraphs)
    if len(list(islice(filter(str.isalpha, text), MIN_LETTERS))) < MIN_LETTERS:
        return None
    code, confidence = _identifier().classify(text)
    code = _KINDS.get(code, code)
    return code if confidence >= MIN_CONFIDENCE and len(code) == 2 else None


def _beginning(paragraphs: Iterable[str]) -> str:
    kept: list[str] = []
    left = MAX_BYTES
    for paragraph in paragraphs:
        kept.append(paragraph.encode()[:left].decode(errors="ignore"))
        left -= len(kept[-1].encode()) + 1
        if left <= 0:
            break
    return "\n".join(kept)


@cache
def _identifier() -> "LanguageIdentifier":
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
