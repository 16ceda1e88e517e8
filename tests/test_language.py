"""The language of a transcript, where nothing says it."""

import pytest

from indexer.formats import parse
from indexer.language import MAX_BYTES, detect_language
from tests.test_architecture import modules_loaded_by

SPOKEN = {
    "en": "We signed the treaty in 2011, and nobody wanted to go home before the ships came in.",
    "de": "Meine Eltern hatten dort eine kleine Bäckerei, und nach dem Krieg war alles kaputt.",
    "fr": "C'était une bonne journée pour nous tous, et personne ne voulait rentrer à la maison.",
    "sk": "Zmluvu sme podpísali v lete a pamätám si, že nikto nechcel ísť domov, kým neprídu lode.",
    "no": "Vi undertegnet avtalen i fjor, og jeg husker at ingen ville gå hjem den kvelden.",
    "ru": "Мы подписали договор летом, и никто не хотел уходить домой, пока не пришли корабли.",
    "ar": "وقعنا المعاهدة في الصيف وأتذكر أن أحدا لم يرغب في العودة إلى المنزل قبل وصول السفن.",
    "ja": "私たちは夏に条約に署名しました。誰も家に帰りたがらなかったことを覚えています。",
}


@pytest.mark.parametrize("code", SPOKEN)
def test_languages_are_told_by_a_sentence(code):
    """As ISO 639-1 codes."""
    assert detect_language([SPOKEN[code]]) == code


@pytest.mark.parametrize(
    "texts",
    [[], [""], ["Yes."], ["12 34 56 78 90 " * 9], ["Hm hm hm hm hm hm hm hm hm hm hm hm hm hm."]],
)
def test_too_little_tells_nothing(texts):
    """Nothing is better than a guess."""
    assert detect_language(texts) is None


def test_only_the_beginning_is_looked_at():
    """However much follows, and in however many paragraphs."""
    first = f"{SPOKEN['de']} " * (MAX_BYTES // len(SPOKEN["de"].encode()) + 1)
    assert detect_language([first, f"{SPOKEN['ru']} " * 5000]) == "de"
    assert detect_language(iter([SPOKEN["ar"]] * 10**6)) == "ar"


def test_what_the_document_says_stands():
    """Detection is for those that say nothing."""
    talk = f"**Ann Berg:** {SPOKEN['de']}\n\n**Bo Lund:** Ja.\n"
    assert parse(talk.encode(), "a.md").transcript.language == "de"
    told = f"---\nlang: nds\n---\n{talk}"
    assert parse(told.encode(), "a.md").transcript.language == "nds"


def test_the_detector_is_loaded_only_when_it_is_asked():
    """Importing what indexes does not pay for it."""
    assert "py3langid" not in modules_loaded_by("import indexer.indexing")
