"""The golden set over the project's own samples, with the real model."""

from pathlib import Path

import pytest

from evaluation.samples import ROOT, evaluate_samples, read_golden
from indexer.formats import parse
from indexer.transcript import Role
from models.load import load_embedder

HARD = ROOT / "evaluation/questions/samples-hard.jsonl"


def gold_of(path: Path | None = None):
    golden = read_golden(path) if path else read_golden()
    return [item for item in golden if item.file is not None]


@pytest.mark.parametrize("item", gold_of() + gold_of(HARD), ids=lambda item: item.id)
def test_gold_stands_in_its_paragraph_by_its_speaker(item):
    """Every golden quote is verbatim in the numbered paragraph, and never in a question."""
    path = ROOT / item.file
    transcript = parse(path.read_bytes(), path).transcript
    turn = next(
        turn
        for turn in transcript.turns
        if any(paragraph.number == item.paragraph for paragraph in turn.paragraphs)
    )
    text = next(p.text for p in turn.paragraphs if p.number == item.paragraph)
    assert " ".join(item.quote.split()) in text
    assert turn.speaker.name == item.speaker
    assert turn.role is not Role.QUESTION


def test_the_everyday_questions_cite_the_right_paragraph(tmp_path):
    """At least 14 of the 15 first, and all within the first three."""
    results = evaluate_samples(tmp_path / "library", load_embedder())
    ranks = {result.golden.id: result.rank for result in results}
    assert len(ranks) == 15
    assert sum(rank == 1 for rank in ranks.values()) >= 14, ranks
    assert all(rank is not None and rank <= 3 for rank in ranks.values()), ranks


def test_samples_are_what_the_readme_says():
    """At least six documents, dates across two years, some speakers in several of them."""
    files = [path for path in (ROOT / "samples").iterdir() if path.stem != "README"]
    transcripts = [parse(path.read_bytes(), path).transcript for path in files]
    years = {transcript.date.year for transcript in transcripts}
    speakers = [
        name
        for transcript in transcripts
        for name in {turn.speaker.name for turn in transcript.turns if turn.speaker.named}
    ]
    assert len(files) >= 6
    assert max(years) - min(years) == 2
    assert sum(speakers.count(name) > 1 for name in set(speakers)) >= 3
