"""Which passages only keep the talk going: "Oh.", "Thank you.", "Go ahead, ma'am."

Malinowski (1923) called such speech phatic. A passage of it answers nothing, though what stands
around it may be all that was asked for. "Yes", "No", "Right" and "Sure" are answers.
"""

import re

MOST_WORDS = 12
WORDS = frozenset(
    "oh okay ok uh um hmm mm mhm huh hm ah eh well thank thanks you very much go ahead hi hello "
    "hey good morning afternoon evening everyone everybody great all alright sorry please so and "
    "again guys sir ma am mr ms madam back to over there here in the bye cheers".split()
)
# "Right" alone is an answer.
_ASIDE = re.compile(r"\([^)]*\)|\[[^\]]*\]|\ball right\b")
_WORD = re.compile(r"[^\W_]+")


def is_phatic(text: str) -> bool:
    """Whether a text of a few words has none that tells anything; notes in brackets aside.

    >>> [is_phatic(text) for text in ("Oh. (Laughter.)", "Thank you very much.", "No, thank you.")]
    [True, True, False]
    """
    words = _WORD.findall(_ASIDE.sub("", text.casefold()))
    return len(words) <= MOST_WORDS and WORDS.issuperset(words)
