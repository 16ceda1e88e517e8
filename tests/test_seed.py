"""The golden parse of the first real input, by hand, paragraph by paragraph."""

import datetime as dt
from pathlib import Path

import pytest

from indexer.formats import parse
from indexer.transcript import Role, Speaker

SEED = Path(__file__).parents[2] / "shared/seeds/lavrov-kommasith-2017-06-16.txt"
HOST = Speaker("Sergey Lavrov")
REPORTER = Speaker("Question", named=False)

# (turn, speaker, role, answers), then for each paragraph: number, first words, last words.
GOLDEN = [
    (
        (1, HOST, Role.STATEMENT, None),
        [
            (1, "We have held good", "trusting and productive."),
            (2, "Laos is Russia’s", "signed in 2011."),
            (3, "We have analysed", "and humanitarian ties."),
            (4, "Yesterday, our Laotian", "every possible way."),
            (5, "After our talks", "Commission’s forthcoming meeting."),
            (6, "We exchanged views", "so was I."),
            (7, "We discussed the situation", "out within ASEAN."),
            (8, "One of the key", "Russia and ASEAN."),
            (9, "It seems to me", "our progressive cooperation."),
            (10, "I’d like to thank", "Republic Saleumxay Kommasith."),
        ],
    ),
    ((2, REPORTER, Role.QUESTION, None), [(11, "We see that ISIS", "on de-escalation zones?")]),
    (
        (3, HOST, Role.ANSWER, 2),
        [
            (12, "The military of", "to either side."),
            (13, "In the general political", "in neighbouring Iraq."),
            (14, "Let me repeat that", "override everything else."),
        ],
    ),
    ((4, REPORTER, Role.QUESTION, None), [(15, "Yesterday US Secretary", "concern over it?")]),
    (
        (5, HOST, Role.ANSWER, 4),
        [
            (16, "I was also surprised", "was totally groundless."),
            (17, "If suddenly the Americans", "transparently and legitimately."),
        ],
    ),
    ((6, REPORTER, Role.QUESTION, None), [(18, "Can you confirm", "in the region?")]),
    (
        (7, HOST, Role.ANSWER, 6),
        [
            (19, "I heard these reports", "to the fight."),
            (20, "These terrorist groups", "to get one."),
        ],
    ),
]


@pytest.fixture(scope="module")
def parsed():
    if not SEED.is_file():
        pytest.skip(f"{SEED} is not beside this checkout")
    return parse(SEED.read_bytes(), SEED)


def test_title_and_date_are_read_from_the_page(parsed):
    """The date runs into the time; the title is one long line."""
    assert parsed.transcript.date == dt.date(2017, 6, 16)
    assert parsed.transcript.title.startswith("Foreign Minister Sergey Lavrov’s remarks and")
    assert parsed.transcript.title.endswith("Saleumxay Kommasith, Moscow, June 16, 2017")


def test_turns_and_paragraphs_are_those_of_the_golden_parse(parsed):
    """Ten opening paragraphs of the host, then three questions with his answers."""
    turns = [
        (
            (turn.number, turn.speaker, turn.role, turn.answers),
            [(p.number, p.text) for p in turn.paragraphs],
        )
        for turn in parsed.transcript.turns
    ]
    assert [head for head, _ in turns] == [head for head, _ in GOLDEN]
    for (_, paragraphs), (_, golden) in zip(turns, GOLDEN, strict=True):
        assert [number for number, _ in paragraphs] == [number for number, _, _ in golden]
        for (_, text), (_, first, last) in zip(paragraphs, golden, strict=True):
            assert text.startswith(first)
            assert text.endswith(last)


def test_page_furniture_is_dropped_at_both_ends(parsed):
    """The date line and language switch above, the materials and their lists below."""
    reasons = [(dropped.line, dropped.reason) for dropped in parsed.dropped]
    assert reasons == [
        (1, "date line"),
        (6, "language switch"),
        *((line, "furniture below the speech") for line in (48, 51, 53, 54, 55, 56, 57, 59, 61)),
    ]


def test_no_word_of_the_page_is_lost(parsed):
    """Title, speech, labels and what was dropped are together all the words of the file."""
    page = SEED.read_text(encoding="utf-8")
    kept = [parsed.transcript.title, *(p.text for p in parsed.transcript.paragraphs())]
    kept += [dropped.text for dropped in parsed.dropped]
    labels = page.count("Question: ") + 2 * page.count("\nSergey Lavrov: ")
    bullets = page.count("•")
    words = sum(len(text.split()) for text in kept)
    assert words + labels + bullets == len(page.split())
