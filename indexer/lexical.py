"""BM25 over the words of passages and of what they are understood by; tantivy does the work.

Here is what a word is, and the asking; how the index is kept is `indexer.words`' business.
Whatever the question holds, it is words to be found and never a query language.

The score is that of tantivy (and of Lucene): the sum over words of
idf * (k1 + 1) * f / (f + k1 * (1 - b + b * length / mean length)), k1 = 1.2, b = 0.75,
idf = ln(1 + (N - n + 0.5) / (n + 0.5)); f is the word's count in background and text, lengths are
in words, rounded down to what one byte can tell apart
(https://docs.rs/tantivy/latest/tantivy/fieldnorm/index.html).
"""

import math
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from indexer.transcript import Role
from indexer.where import EVERYWHERE, Where

if TYPE_CHECKING:
    from tantivy import Occur, Query, Schema, Searcher, TextAnalyzer

K1 = 1.2
# So many terms are looked up one by one, which is faster by far; more as a set.
FEW = 1000

# Words that hold a sentence together, with the ends that an apostrophe leaves ("don't", "it's")
# and the article of Arabic names ("al-Baghdadi" is not found by "al-Qaeda").
FUNCTION_WORDS = frozenset(
    "a about al am an and any are aren as at be been being but by can could couldn d did didn do "
    "does doesn doing don for from had hadn has hasn have haven having he her hers him his how "
    "i if in into is isn it its ll m may me might my no nor not of on or our ours re s shall "
    "she should shouldn so some such t than that the their theirs them then there these they "
    "this those to too upon ve was wasn we were weren what when where which who whom whose why "
    "will with would wouldn you your yours".split()
)
# Letters, numbers, the marks on them, and characters of private use.
WORD = r"[\p{L}\p{N}\p{M}\p{Co}]+"
_ACCENTS = re.compile("[\u0300-\u036f]")


def plain(text: str) -> str:
    """The text without accents, umlauts and their like, in every script that has them."""
    if text.isascii():
        return text
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare)


def analyzer() -> "TextAnalyzer":
    """Cuts a plain text into words: small letters, English stems (Snowball)."""
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.regex(WORD)).filter(Filter.lowercase())
    return builder.filter(Filter.ascii_fold()).filter(Filter.stemmer("english")).build()


def telling_words(text: str) -> list[str]:
    """The different words of a text in small letters, function words left out if others remain."""
    words = list(dict.fromkeys(text.translate(_WORDS_ALONE).lower().split()))
    return [word for word in words if word not in FUNCTION_WORDS] or words


class _WordsAlone(dict[int, str]):
    """Makes a blank of what is in no word; remembers every character that it was asked for."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        category = unicodedata.category(char)
        self[code] = char if category[0] in "LNM" or category == "Co" else " "
        return self[code]


_WORDS_ALONE = _WordsAlone()


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the passages of one state, to be searched by several threads at once."""

    searcher: "Searcher"
    schema: "Schema"
    analyzer: "TextAnalyzer"

    def search(self, question: str, k: int, where: Where = EVERYWHERE) -> list[tuple[int, float]]:
        """Up to k (rowid, score), best first; only passages that share a word and meet `where`.

        A score is a BM25 score, higher is better, ties by rowid.
        """
        from tantivy import Occur, Query

        words = self._any_of(self.stems(question))
        parts = [(Occur.Must, words), *self._conditions(where)]
        return self._found(Query.boolean_query(parts), k)

    def scores(self, question: str, rowids: Sequence[int]) -> dict[int, float]:
        """BM25 scores of those of the passages that share a word with the question."""
        from tantivy import Occur, Query

        if not rowids:
            return {}
        words = self._any_of(self.stems(question))
        parts = [(Occur.Must, words), (Occur.Must, self._among("rowid", rowids))]
        return dict(self._found(Query.boolean_query(parts), len(rowids)))

    def ceiling(self, question: str) -> float:
        """What no passage's score can reach: one that is full of every word.

        A score divided by it says how much of the question was found, whatever the library's size.
        A word that no passage holds counts as the rarest.
        """
        passages = self.searcher.num_docs
        total = 0.0
        for stem in self.stems(question):
            # What is deleted is counted until segments merge.
            found = min(self.searcher.doc_freq("words", stem), passages)
            total += math.log1p((passages - found + 0.5) / (found + 0.5))
        return total * (K1 + 1)

    def stems(self, question: str) -> list[str]:
        """The different stems of the question's telling words."""
        found = (self.analyzer.analyze(plain(word)) for word in telling_words(question))
        return list(dict.fromkeys(stem for stems in found for stem in stems))

    def _any_of(self, stems: Sequence[str]) -> "Query":
        from tantivy import Occur, Query

        terms = (Query.term_query(self.schema, "words", stem, "freq") for stem in stems)
        return Query.boolean_query([(Occur.Should, term) for term in terms])

    def _conditions(self, where: Where) -> Iterator[tuple["Occur", "Query"]]:
        from tantivy import Occur, Query

        if where.roles is not None:
            for role in sorted(set(Role) - where.roles):
                yield Occur.MustNot, Query.term_query(self.schema, "role", role.value, "basic")
        if where.speakers is not None:
            yield Occur.Must, self._among("speaker", sorted(where.speakers))
        if where.transcripts is not None:
            yield Occur.Must, self._among("transcript", sorted(where.transcripts))

    def _among(self, field: str, values: Sequence[str] | Sequence[int]) -> "Query":
        """What has one of the values, which adds nothing to the score."""
        from tantivy import Occur, Query

        if len(values) > FEW:
            return Query.const_score_query(Query.term_set_query(self.schema, field, values), 0.0)
        terms = (Query.term_query(self.schema, field, value, "basic") for value in values)
        either = Query.boolean_query([(Occur.Should, term) for term in terms])
        return Query.const_score_query(either, 0.0)

    def _found(self, query: "Query", limit: int) -> list[tuple[int, float]]:
        if not limit:
            return []
        hits = self.searcher.search(query, limit, count=False).hits
        rowids = self.searcher.fast_field_values("rowid", [address for _, address in hits])
        found = [
            (int(rowid or 0), float(score)) for rowid, (score, _) in zip(rowids, hits, strict=True)
        ]
        return sorted(found, key=lambda one: (-one[1], one[0]))
