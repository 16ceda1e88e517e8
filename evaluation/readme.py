"""Writes the answer with which the README opens again, from a real run over the samples.

python -m evaluation.readme
"""

import sys
import tempfile
from pathlib import Path

from evaluation.samples import ROOT, Silent
from indexer.indexing import index_paths
from indexer.library import Library
from indexer.search import Searcher
from models.embedder import Embedder
from models.load import load_embedder
from service.answer import Answerer
from service.show import answer_lines

README = ROOT / "README.md"
QUESTION = "Did Oravia send drones to the rebels in Kestria?"
BEGIN, END = "<!-- answer: written by `make readme` -->\n", "<!-- end of answer -->\n"


def block(folder: Path, embedder: Embedder) -> str:
    """The README's first example: the command and what it prints."""
    with Library.open(folder, create=True) as library:
        library.bind(embedder)
        index_paths(library, embedder, [ROOT / "samples"], Silent())
        answer = Answerer(Searcher(library, embedder)).ask(QUESTION, k=1)
    lines = [f'$ onrecord ask "{QUESTION}" -k 1', *answer_lines(answer)]
    return "```console\n" + "\n".join(lines) + "\n```\n"


def with_block(readme: str, new: str) -> str:
    """The README's text with `new` between the marks. Raises ValueError without the marks."""
    head, rest = readme.split(BEGIN, 1)
    return head + BEGIN + new + END + rest.split(END, 1)[1]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        new = block(Path(folder) / "library", load_embedder())
    README.write_text(with_block(README.read_text(encoding="utf-8"), new), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
