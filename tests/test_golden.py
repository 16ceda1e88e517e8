"""Golden parses of the real files beside the checkout, checked by eye; only summaries are kept.

Each `tests/golden/*.json` is a list: a file under ../shared, and either what its parse is or the
words that its error holds. `python -m tests.test_golden FILE…` prints summaries to check.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from indexer.errors import TranscriptError
from indexer.formats import parse

SHARED = Path(__file__).parents[2] / "shared"
CASES = [
    case
    for table in sorted(Path(__file__).with_name("golden").glob("*.json"))
    for case in json.loads(table.read_text(encoding="utf-8"))
]


def summary(path: Path) -> dict[str, Any]:
    """What a person checks: title, date, speakers with turns, roles, size, first and last words."""
    transcript = parse(path.read_bytes(), path).transcript
    texts = [paragraph.text for paragraph in transcript.paragraphs()]
    names = Counter(turn.speaker.name if turn.speaker else None for turn in transcript.turns)
    return {
        "title": transcript.title,
        "date": transcript.date.isoformat() if transcript.date else None,
        "speakers": {str(name): count for name, count in sorted(names.items(), key=str)},
        "roles": dict(sorted(Counter(turn.role.value for turn in transcript.turns).items())),
        "paragraphs": len(texts),
        "first": " ".join(texts[0].split()[:3]),
        "last": " ".join(texts[-1].split()[-3:]),
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"])
def test_real_files_come_out_as_a_reader_would_have_them(case):
    """As the table says, by file."""
    path = SHARED / case["file"]
    if not path.is_file():
        pytest.skip(f"{path} is not beside this checkout")
    if "error" in case:
        with pytest.raises(TranscriptError, match=case["error"]):
            parse(path.read_bytes(), path)
    else:
        assert {"file": case["file"], **summary(path)} == case


if __name__ == "__main__":
    for name in sys.argv[1:]:
        try:
            found = {"file": name, **summary(SHARED / name)}
        except TranscriptError as error:
            found = {"file": name, "error": error.reason}
        sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
