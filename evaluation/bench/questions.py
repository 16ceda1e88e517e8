"""Real questions, each once: those of the evaluation, and what reporters ask in a library.

Knows nothing of answers.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from evaluation.errors import DatasetError
from indexer.library import Library
from indexer.transcript import Role

FILES = sorted(Path(__file__).parents[1].glob("questions/*.jsonl"))
TRANSCRIPTS = 600
_ASKED = re.compile(r"[^.?!]+\?")
_WORDS = range(5, 31)


def read_questions(paths: list[Path] | None = None) -> list[str]:
    """The different questions of .jsonl files (their `question`, else `text`), in their order."""
    found: dict[str, None] = {}
    for path in FILES if paths is None else paths:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                row = json.loads(line)
                text = row.get("question", row.get("text"))
                if not isinstance(text, str):
                    raise DatasetError(path, "no question or text", number)
                found[text] = None
    return list(found)


def asked_in(library: Library) -> Iterator[str]:
    """What is asked last in each question of a library's first transcripts, if not too long."""
    for summary in islice(library.transcripts(), TRANSCRIPTS):
        for turn in library.transcript(summary.id).turns:
            if turn.role is Role.QUESTION:
                asked = _ASKED.findall(turn.text)[-1:]
                yield from (one.strip() for one in asked if len(one.split()) in _WORDS)


def deal(questions: list[str], more: list[str], hands: int) -> list[list[str]]:
    """Shares both among so many lists of the same mix, each question once, shuffled."""
    random = np.random.default_rng(0)
    rest = sorted(set(more) - set(questions))
    dealt = []
    for hand in range(hands):
        own = questions[hand::hands]
        other = [str(one) for one in random.permutation(np.array(rest[hand::hands], dtype=object))]
        # As many of each at first: then those that there are more of.
        mixed = [one for pair in zip(own, other, strict=False) for one in pair]
        dealt.append(mixed + own[len(other) :] + other[len(own) :])
    return dealt
