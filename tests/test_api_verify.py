"""POST /v1/verify: a quote stands in its paragraph by its speaker, or what stands there instead."""

import json
from hashlib import sha256

import pytest
from fastapi.testclient import TestClient

from indexer import aliases
from service.api.verify import VerificationShape, VerifyRequest
from service.app import create_app
from service.verification import Verdict, compare

FIRST = "We signed the treaty in 2011. It was a good day for all of us in the port."
CITED = {"transcript_id": "talks", "paragraph": 1, "quote": "It was a good day"}


@pytest.fixture
def client(open_answerer):
    with TestClient(
        create_app(open_answerer, ["testserver"]), raise_server_exceptions=False
    ) as client:
        yield client


def test_words_that_stand_there_are_exact(client):
    """With offsets, the paragraph's checksum, and who says it."""
    body = client.post("/v1/verify", json=CITED | {"speaker": "ivo LUND"}).json()
    assert body == {
        "stands": True,
        "verdict": "exact",
        "speaker_right": True,
        "transcript_id": "talks",
        "title": "Talks <b>on</b> fish",
        "date": "2017-06-16",
        "paragraph": 1,
        "speaker": "Ivo Lund",
        "speaker_as_written": None,
        "nearest": {"text": "It was a good day", "start": 30, "end": 47, "similarity": 1.0},
        "href": "/transcripts/talks#p1",
        "sha256": sha256(FIRST.encode()).hexdigest(),
    }


def test_every_citation_of_an_answer_stands(client):
    """What the service cites it also verifies."""
    citations = client.get("/v1/search", params={"q": "captain", "k": 50}).json()["citations"]
    assert citations
    for citation in citations:
        asked = {key: citation[key] for key in ("transcript_id", "paragraph", "quote", "speaker")}
        body = client.post("/v1/verify", json=asked).json()
        assert (body["verdict"], body["stands"]) == ("exact", True)
        assert body["sha256"] == citation["sha256"]


def test_another_speaker_does_not_stand(client):
    """The words are there, but not by her; nobody given is nobody wrong."""
    wrong = client.post("/v1/verify", json=CITED | {"speaker": "Ana Berg"}).json()
    unsaid = client.post("/v1/verify", json=CITED).json()
    assert (wrong["verdict"], wrong["speaker_right"], wrong["stands"]) == ("exact", False, False)
    assert (unsaid["speaker_right"], unsaid["stands"]) == (None, True)


def test_any_name_of_a_merged_person_is_right(client, library):
    """The shown name, the document's, and one of another document."""
    aliases.merge(library, "Ana Berg", ["Ivo Lund"])
    for name in ("Ana Berg", "ivo lund"):
        body = client.post("/v1/verify", json=CITED | {"speaker": name}).json()
        assert (body["speaker_right"], body["speaker"]) == (True, "Ana Berg")
        assert body["speaker_as_written"] == "Ivo Lund"


@pytest.mark.parametrize(
    ("quote", "verdict", "nearest", "similarity"),
    [
        ("It was a good day", Verdict.EXACT, "It was a good day", 1),
        (" It  was\na good\u00a0day ", Verdict.WHITESPACE, "It was a good day", 1),
        # 5 of 6 and 6 words: 2 * 5 / 12.
        (
            "We signed the treaty in 2012.",
            Verdict.NOT_FOUND,
            "We signed the treaty in 2011.",
            10 / 12,
        ),
        # A part of a word, or of a number, is not that word; the words of both are 1 of 1.
        ("t was a good day", Verdict.NOT_FOUND, "It was a good day", 8 / 10),
        ("in 201", Verdict.NOT_FOUND, "in 2011.", 2 / 4),
        ("IT WAS A GOOD DAY", Verdict.NOT_FOUND, "It was a good day", 1),
        # 1 of 1 word and of 2.
        ("nevertheless port", Verdict.NOT_FOUND, "the port.", 2 / 4),
    ],
)
def test_verdicts(quote, verdict, nearest, similarity):
    """Hand-worked: the words that come nearest, and how near."""
    found, near = compare(FIRST, quote)
    assert (found, near.text) == (verdict, nearest)
    assert near.similarity == pytest.approx(similarity)
    assert FIRST[near.start : near.end] == near.text


@pytest.mark.parametrize(
    ("text", "quote", "verdict"),
    [
        ("She is guilty.", "he is guilty", Verdict.NOT_FOUND),
        ("They paid 28,000 for it.", "They paid 28", Verdict.NOT_FOUND),
        ("They paid 28, not more.", "They paid 28", Verdict.EXACT),
        ("He is, and she is.", "he is", Verdict.NOT_FOUND),
        ("The heat. The he goat.", "The he", Verdict.EXACT),
        ("我们签署了条约。", "签署了", Verdict.EXACT),
        ("Caf\u00e9 closed.", "Cafe\u0301 closed.", Verdict.WHITESPACE),
    ],
)
def test_a_part_of_a_word_is_not_the_word(text, quote, verdict):
    """Numbers are whole too; scripts without blanks have no words to be inside of."""
    assert compare(text, quote)[0] is verdict


def test_a_quote_of_other_words_has_nothing_near(client):
    """`nearest` is null."""
    body = client.post("/v1/verify", json=CITED | {"quote": "Zebras nevertheless"}).json()
    assert (body["verdict"], body["nearest"], body["stands"]) == ("not-found", None, False)


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"transcript_id": "none"}, 404, "not-found"),
        ({"transcript_id": "../../etc/passwd"}, 404, "not-found"),
        ({"transcript_id": "a\0b"}, 404, "not-found"),
        ({"transcript_id": "\ud800"}, 422, "invalid"),
        ({"transcript_id": 7}, 422, "invalid"),
        ({"transcript_id": "x" * 201}, 422, "invalid"),
        ({"paragraph": 6}, 404, "not-found"),
        ({"paragraph": 0}, 422, "invalid"),
        ({"paragraph": 10**30}, 422, "invalid"),
        ({"paragraph": "first"}, 422, "invalid"),
        ({"quote": ""}, 422, "invalid"),
        ({"quote": " \n\u00a0"}, 422, "bad-query"),
        ({"quote": "\udc00"}, 422, "invalid"),
        ({"quote": "x" * 20_001}, 422, "invalid"),
        ({"quote": ["x"]}, 422, "invalid"),
        ({"speaker": ""}, 422, "invalid"),
        ({"speaker": "\ud800"}, 422, "invalid"),
        ({"speeker": "Ivo Lund"}, 422, "invalid"),
    ],
)
def test_what_makes_no_sense_is_a_problem(client, change, status, kind):
    """RFC 9457 with the stable type."""
    response = client.post(
        "/v1/verify",
        content=json.dumps(CITED | change),
        headers={"content-type": "application/json"},
    )
    assert (response.status_code, response.json()["type"]) == (
        status,
        f"urn:onrecord:problem:{kind}",
    )
    assert response.headers["content-type"] == "application/problem+json"


def test_a_speaker_whom_nobody_knows_is_wrong(client):
    """NUL and all: a name that is not this speaker's, not an error."""
    for name in ("Nobody", "Ivo\0Lund"):
        assert client.post("/v1/verify", json=CITED | {"speaker": name}).json()["stands"] is False


def test_openapi_has_valid_examples(client):
    """Of the request and the answer."""
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for shape in (VerifyRequest, VerificationShape):
        for example in schemas[shape.__name__]["examples"]:
            shape.model_validate(example)
