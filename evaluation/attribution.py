"""How many paragraphs keep speaker, role, order and text through every format and label syntax.

    python -m evaluation.attribution [DATASET…] [--documents N] [--save FILE]

Takes labelled transcripts (BEIR folders whose corpus.jsonl has doc_id, speaker, role, text), writes
each out in each syntax, reads it back through the parsers and compares word by word: a paragraph
survives if all its words stand in their place, in order, in turns of its speaker and role.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evaluation.syntaxes import SYNTAXES, Syntax
from indexer.errors import TranscriptError
from indexer.formats import parse
from indexer.transcript import Role, Transcript, fold

SHOWN = 2
SHARED = Path(__file__).parents[2] / "shared/benchmarks"
_LEFT_OVER = re.compile(r"^Q\.\s+|^\[[^\]]*\]$")
_HONORIFIC = re.compile(
    r"^(?:The\s)?(?:(?:Right\s)?Hon(?:ourable|\.)?|Mr\.?|Mrs\.?|Ms\.?|Dr\.?)\s+"
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """A labelled paragraph; `role` is None where the dataset does not tell."""

    speaker: str
    role: Role | None
    text: str


@dataclass(slots=True)
class Tally:
    """Paragraphs that survived, of how many; and the first that did not."""

    kept: int = 0
    total: int = 0
    lost: list[str] = field(default_factory=list)


def read_documents(folder: Path, limit: int | None) -> dict[str, list[Spoken]]:
    """The labelled transcripts of a BEIR folder, by doc_id; the first `limit` of them."""
    documents: defaultdict[str, list[Spoken]] = defaultdict(list)
    with (folder / "corpus.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            # The dataset left some labels ('Q. ') and marks ('[25.]') of its source in the words.
            text = _LEFT_OVER.sub("", fold(row["text"]))
            if row["speaker"] and text:
                role = Role(row["role"]) if row["role"] else None
                documents[row["doc_id"]].append(Spoken(plain_name(row["speaker"]), role, text))
    return dict(list(documents.items())[:limit])


def plain_name(speaker: str) -> str:
    """The person alone: 'The Acting Chair (Mr. Bruce Stanton)' is Bruce Stanton."""
    name = fold(speaker)
    if name.endswith(")") and "(" in name:
        before, inside = name.split("(", 1)
        name = inside[:-1].split("(")[0] if "Chair" in before else before
    name = _HONORIFIC.sub("", fold(name))
    return re.sub(r"\s(?:AM|MP)$", "", name)


def score(document: Sequence[Spoken], syntax: Syntax, tally: Tally) -> None:
    """Adds the document's paragraphs to the tally."""
    tally.total += len(document)
    data = syntax.write(document)
    try:
        transcript = parse(data, f"document{syntax.suffix}", format_name=syntax.format).transcript
    except TranscriptError as error:
        tally.lost.append(str(error))
        return
    words = list(_words(transcript, syntax))
    at = 0
    for spoken in document:
        wanted = syntax.words(spoken.text)
        found = words[at : at + len(wanted)]
        if [word for word, _, _ in found] != wanted:
            # Find the place again, so that one loss does not count for all that follows.
            again = _find(words, wanted, at)
            found = words[again : again + len(wanted)] if again is not None else []
            at = again if again is not None else at
        if found and all(syntax.matches(spoken, speaker, role) for _, speaker, role in found):
            tally.kept += 1
        else:
            got = {(speaker, role) for _, speaker, role in found}
            tally.lost.append(f"{spoken.speaker} {spoken.role}: {spoken.text[:80]} → {got}")
        at += len(found)


def _words(transcript: Transcript, syntax: Syntax) -> Iterable[tuple[str, str | None, Role]]:
    for turn in transcript.turns:
        speaker = turn.speaker.name if turn.speaker else None
        for paragraph in turn.paragraphs:
            for word in syntax.words(paragraph.text):
                yield word, speaker, turn.role


def _find(words: Sequence[tuple[str, str | None, Role]], wanted: list[str], at: int) -> int | None:
    for start in range(at, min(len(words), at + 400)):
        if [word for word, _, _ in words[start : start + len(wanted)]] == wanted:
            return start
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("datasets", nargs="*", type=Path)
    parser.add_argument("--documents", type=int, help="only the first so many of each")
    parser.add_argument("--save", type=Path, help="write the table there too")
    options = parser.parse_args(arguments)
    datasets = options.datasets or [SHARED / "pressconf", SHARED / "qmsum-parliament"]
    lines = [
        "| dataset | format | syntax | paragraphs | survive | % |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for folder in datasets:
        documents = read_documents(folder, options.documents)
        for syntax in SYNTAXES:
            tally = Tally()
            for document in documents.values():
                score(document, syntax, tally)
            share = 100 * tally.kept / max(1, tally.total)
            lines.append(
                f"| {folder.name} | {syntax.format} | {syntax.name} | {tally.total} | {tally.kept} "
                f"| {share:.2f} |"
            )
            print(lines[-1], flush=True)
            for lost in tally.lost[:SHOWN]:
                print(f"    lost: {lost}", file=sys.stderr, flush=True)
    if options.save:
        options.save.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
