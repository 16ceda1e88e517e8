"""Which passages say the same: the resemblance by hand, who says it, what search makes of it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from indexer import aliases
from indexer.duplicates import MIN_WORDS, PARTS, collapse, signature
from indexer.filters import Filters
from indexer.hints import Hints
from indexer.library import Library
from indexer.search import Fusion, Searcher
from indexer.transcript import Hit
from tests.fakes import FakeEmbedder, add, transcript


def numbered(*numbers: int) -> str:
    return " ".join(f"w{n}" for n in numbers)


def groups(*said: tuple[str, str | None], k: int = 10) -> list[list[int]]:
    signatures = np.array([np.frombuffer(signature(text), dtype="<u4") for text, _ in said])
    speakers = np.array([-1 if name is None else ord(name) for _, name in said], dtype=np.int32)
    return collapse(signatures.reshape(-1, PARTS), speakers, lambda at: said[at][0], k)


# Twenty words have eighteen runs of three.
TWENTY = numbered(*range(20))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (TWENTY, True),
        # Case and what is no word do not count.
        (TWENTY.upper().replace(" ", ",\n — "), True),
        # The last two words others: 16 runs shared of 18 + 18 - 16 = 20, which is 0.8.
        (numbered(*range(18), 90, 91), True),
        # The last three others: 15 of 21.
        (numbered(*range(17), 90, 91, 92), False),
        # One other word in the middle breaks three runs: 15 of 21.
        (numbered(*range(9), 90, *range(10, 20)), False),
        # Four words more: 18 of 22 is 0.818; five more: 18 of 23 is 0.783.
        (numbered(*range(24)), True),
        (numbered(*range(25)), False),
        # Three words less: 15 of 18 is 0.833; four less: 14 of 18 is 0.778.
        (numbered(*range(17)), True),
        (numbered(*range(16)), False),
        # The same words in another order share no run.
        (numbered(*reversed(range(20))), False),
    ],
)
def test_the_resemblance_is_the_share_of_common_runs(other: str, same: bool) -> None:
    """At least 0.8 of all different runs of three words are in both, whichever comes first."""
    expected = [[0, 1]] if same else [[0], [1]]
    assert groups((TWENTY, "a"), (other, "a")) == expected
    assert groups((other, "a"), (TWENTY, "a")) == expected


def parts_in_common(one: str, other: str) -> int:
    both = (np.frombuffer(signature(text), dtype="<u4") for text in (one, other))
    return int(np.equal(*both).sum())


def test_a_part_of_the_signature_is_the_same_with_the_odds_of_the_resemblance() -> None:
    """Of 8000 parts in a thousand pairs: all, 0.8 of them, 6 of 30 runs, none."""
    shared: dict[int, list[int]] = {20: [], 18: [], 8: [], 0: []}
    for n in range(1000):
        numbers = range(1000 * n, 1000 * n + 20)
        for kept, found in shared.items():
            other = numbered(*numbers[:kept], *(10**7 + number for number in numbers[kept:]))
            found.append(parts_in_common(numbered(*numbers), other))
    assert set(shared[20]) == {8}
    assert sum(shared[18]) / 8000 == pytest.approx(16 / 20, abs=0.02)
    assert min(shared[18]) > 0
    assert sum(shared[8]) / 8000 == pytest.approx(6 / 30, abs=0.02)
    assert set(shared[0]) == {0}


def test_the_same_words_by_two_speakers_are_two_statements() -> None:
    """One who is not known is not the same as one who is; unknown ones may be the same."""
    assert groups((TWENTY, "a"), (TWENTY, "b"), (TWENTY, None)) == [[0], [1], [2]]
    assert groups((TWENTY, None), (TWENTY, "a"), (TWENTY, None), (TWENTY, "a")) == [[0, 2], [1, 3]]


def test_short_answers_are_each_a_statement_of_their_own() -> None:
    """Eleven words answer many questions; twelve are a statement."""
    assert MIN_WORDS == 12
    short, enough = numbered(*range(11)), numbered(*range(12))
    assert groups((short, "a"), (short, "a")) == [[0], [1]]
    assert groups((enough, "a"), (enough, "a")) == [[0, 1]]
    # Nine runs of ten would do, but one of them is too short.
    assert groups((short, "a"), (enough, "a"), (short, "a")) == [[0], [1], [2]]
    assert groups(("", "a"), ("", "a"), ("No.", None)) == [[0], [1], [2]]


def test_what_resembles_the_first_of_a_group_belongs_to_it() -> None:
    """Not what resembles its other members alone: the chain would never end."""
    chain = [(numbered(*range(start, start + 20)), "a") for start in (0, 2, 4, 6)]
    assert groups(*chain) == [[0, 1], [2, 3]]
    # Of two first members that it resembles, the better one.
    assert groups(chain[0], chain[2], chain[1]) == [[0, 2], [1]]


def test_the_first_k_groups_take_what_comes_later() -> None:
    """Beyond the k-th no group begins, but the groups are filled to the end."""
    other, third = numbered(*range(30, 50)), numbered(*range(60, 80))
    said = [(TWENTY, "a"), (other, "a"), (third, "a"), (TWENTY, "a"), (third, "a"), (other, "a")]
    assert groups(*said, k=2) == [[0, 3], [1, 5]]
    assert groups(*said, k=1) == [[0, 3]]
    assert groups(k=5) == []


# In a search

STATEMENT = "The zebra crossed the border of the neighbouring country by night, and nobody saw it."
OTHERS = (
    "Of the zebra I know nothing but what was in the papers of this morning, as you do.",
    "A zebra is no matter for this house, whatever the papers of the morning may say of it.",
    "We have never owned a zebra, nor did we ever ask anybody to bring one into the country.",
)
PLAIN = Fusion(0.4, 0.2, 0.4, hints=Hints(0, 0, 0))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path, create=True) as opened:
        yield opened


def ids(hit: Hit) -> list[str]:
    return [hit.passage.id, *(passage.id for passage in hit.duplicates)]


def test_all_sources_of_a_statement_are_listed_with_its_best(library: Library) -> None:
    """One hit; the others in order of their scores, here that of indexing."""
    for name in ("b", "a", "c"):
        add(library, transcript(name, f"Kerry: {STATEMENT}", title="Same"), FakeEmbedder())
    add(library, transcript("d", f"Kerry: {OTHERS[0]}", title="Same"), FakeEmbedder())
    searcher = Searcher(library, FakeEmbedder(), PLAIN)
    hits = searcher.search("Which zebra crossed the border?", k=2)
    assert [ids(hit) for hit in hits] == [["b:p1", "a:p1", "c:p1"], ["d:p1"]]
    assert [hit.rank for hit in hits] == [1, 2]
    assert hits[0].duplicates == (library.passage("a:p1"), library.passage("c:p1"))
    # Where only one source is allowed, only that one is listed.
    only = Filters(transcript_ids=frozenset({"c"}))
    assert [ids(hit) for hit in searcher.search("zebra", filters=only)] == [["c:p1"]]


def test_a_person_of_two_names_says_the_same(library: Library) -> None:
    """Two people do not; two names of one do, once the user says so."""
    for name, speaker in (("a", "Ann Berg"), ("b", "Ms. Berg")):
        add(library, transcript(name, f"{speaker}: {STATEMENT}"), FakeEmbedder())
    searcher = Searcher(library, FakeEmbedder(), PLAIN)
    assert sorted(ids(hit) for hit in searcher.search("zebra")) == [["a:p1"], ["b:p1"]]
    aliases.merge(library, "Ann Berg", ["Ms. Berg"])
    [hit] = searcher.search("zebra")
    assert sorted(ids(hit)) == ["a:p1", "b:p1"]


@pytest.mark.parametrize(("copies", "depth"), [(5, 1), (300, 100)])
def test_k_hits_come_back_though_duplicates_abound(
    library: Library, copies: int, depth: int
) -> None:
    """More copies than candidates are drawn at first: it is drawn again until k differ."""
    lines = [f"Kerry: {STATEMENT}"] * copies + [f"Kerry: {other}" for other in OTHERS]
    add(library, transcript("t", *lines), FakeEmbedder())
    searcher = Searcher(library, FakeEmbedder(), PLAIN._replace(depth=depth))
    hits = searcher.search("Has the zebra crossed the border of the neighbouring country?", k=4)
    assert ids(hits[0]) == [f"t:p{n}" for n in range(1, copies + 1)]
    assert sorted(ids(hit) for hit in hits[1:]) == [[f"t:p{copies + n}"] for n in (1, 2, 3)]


def test_fewer_come_back_where_fewer_differ(library: Library) -> None:
    """The search for more ends with the library."""
    add(library, transcript("t", *[f"Kerry: {STATEMENT}"] * 40), FakeEmbedder())
    [hit] = Searcher(library, FakeEmbedder(), PLAIN._replace(depth=3)).search("zebra", k=5)
    assert len(hit.duplicates) == 39
