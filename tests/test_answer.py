"""Citations keep their promise: verbatim, in that paragraph, by that speaker, with its question."""

from dataclasses import replace
from hashlib import sha256
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.filters import Filters
from indexer.transcript import Role, Speaker
from tests.conftest import DAM, TALKS
from tests.fakes import add, transcript


@pytest.fixture
def answerer(open_answerer):
    with open_answerer() as opened:
        yield opened


def test_an_answer_is_cited_with_the_question_that_it_answers(answerer):
    """'Is the captain dead?' finds words that share none with it, through their question."""
    only = Filters(speaker="Ivo Lund")
    citation = answerer.ask("Is the captain dead?", k=1, filters=only).citations[0]
    assert citation.speaker == Speaker("Ivo Lund")
    assert citation.role is Role.ANSWER
    assert citation.asked.text == "Is the captain dead?"
    assert citation.asked.paragraph == 2
    assert citation.href == f"/transcripts/talks#p{citation.paragraph}"


def test_the_sentence_that_answers_is_highlighted(answerer):
    """Of two sentences in a paragraph, the one that shares the question's words."""
    citation = answerer.ask("Who signed the treaty in 2011?", k=1).citations[0]
    assert citation.paragraph == 1
    assert citation.quote[slice(*citation.highlight)] == "We signed the treaty in 2011."


def test_the_highlight_is_the_nearest_sentence_without_a_shared_word(answerer):
    """By the cosines that the search found, of which a word shared is worth 0.05."""
    hits = answerer.searcher.search("Who signed the treaty in 2011?", k=1)
    for nearness, expected in (
        ((0.5, 0.9), "It was a good day for all of us in the port."),
        ((0.85, 0.9), "We signed the treaty in 2011."),
        ((0.5, 0.5), "We signed the treaty in 2011."),
    ):
        [citation] = answerer.cite("Treaty?", [replace(hits[0], nearness=nearness)])
        assert citation.quote[slice(*citation.highlight)] == expected


def test_asking_embeds_the_question_alone(answerer):
    """The sentences' vectors are those of the library."""
    embedder = answerer.searcher.embedder
    assert answerer.ask("Who signed the treaty in 2011?").answered
    assert embedder.embedded == 0


def test_nothing_allowed_is_an_answer_that_says_so(answerer):
    """A filter that leaves nothing gives `answered` false and no citation."""
    answer = answerer.ask(
        "Who pays?", filters=Filters(speaker="Ivo Lund", transcript_ids=frozenset(["dam"]))
    )
    assert (answer.answered, answer.citations) == (False, ())


def test_what_was_found_is_what_is_cited_though_the_file_changes_meanwhile(answerer, library):
    """Between searching and citing another thread puts other words in the file's place."""
    embedder = answerer.searcher.embedder
    found = answerer.searcher.search

    def search_then_change(question, **rest):
        hits = found(question, **rest)
        other = transcript("talks", "Ana Berg: Short.", title="Other")
        writer = Thread(target=lambda: add(library, other, embedder))
        writer.start()
        writer.join()
        return hits

    answerer.searcher.search = search_then_change
    citation = answerer.ask("Who signed the treaty in 2011?", k=1).citations[0]
    assert citation.speaker == Speaker("Ivo Lund")
    assert citation.quote == next(TALKS.paragraphs()).text


@given(
    question=st.text(min_size=1, max_size=60).filter(
        lambda text: any(char.isalnum() for char in text)
    )
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_quote_stands_verbatim_where_the_citation_says(answerer, question):
    """Whatever is asked: quote, offsets, speaker, role and hash are those of the paragraph."""
    documents = {document.id: document for document in (TALKS, DAM)}
    for citation in answerer.ask(question, k=20).citations:
        document = documents[citation.transcript_id]
        turn, paragraph = next(
            (turn, paragraph)
            for turn in document.turns
            for paragraph in turn.paragraphs
            if paragraph.number == citation.paragraph
        )
        assert paragraph.text[citation.start : citation.end] == citation.quote
        assert citation.start <= citation.highlight[0] < citation.highlight[1] <= citation.end
        assert (citation.speaker, citation.role) == (turn.speaker, turn.role)
        assert citation.role is not Role.QUESTION
        assert citation.sha256 == sha256(paragraph.text.encode()).hexdigest()
