"""Which passages say nothing."""

import pytest

from indexer.phatic import is_phatic


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oh.", True),
        ("Okay. Thank you very much, everyone.", True),
        ("Go ahead, ma'am.", True),
        ("(Laughter.) All right.", True),
        ("[Crosstalk.]", True),
        ("", True),
        ("No.", False),
        ("Yes, thank you.", False),
        ("Right.", False),
        ("I cannot.", False),
        ("Good question.", False),
        ("Thank you " * 7, False),
        ("12 (twelve)", False),
        ("Да.", False),
    ],
)
def test_a_few_words_that_tell_nothing(text, expected):
    """Answers of one word tell something; more than twelve words are taken to."""
    assert is_phatic(text) is expected
