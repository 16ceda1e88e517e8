"""The HTTP edge: shapes, filters, errors as RFC 9457 problems, OpenAPI, headers."""

from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from service.answer import Answerer
from service.api.answers import AnswerShape
from service.api.schemas import AskRequest
from service.app import create_app
from service.errors import STATUS, problem_of
from tests.fakes import FakeEmbedder, add, transcript
from tests.judging import FakeConfidence


@pytest.fixture
def client(open_answerer):
    with TestClient(
        create_app(open_answerer, ["testserver"]), raise_server_exceptions=False
    ) as client:
        yield client


def test_ask_cites_speaker_paragraph_and_question(client):
    """All that the issue names is in a citation."""
    asked = {"question": "Is the captain dead?", "k": 1, "speaker": "Ivo Lund"}
    body = client.post("/v1/ask", json=asked).json()
    citation = body["citations"][0]
    assert body["answered"] is True
    assert citation["speaker"] == "Ivo Lund"
    assert citation["role"] == "answer"
    assert citation["date"] == "2017-06-16"
    assert citation["transcript_id"] == "talks"
    assert citation["asked"] == {
        "speaker": "Question",
        "speaker_as_written": None,
        "paragraph": 2,
        "text": "Is the captain dead?",
    }
    assert citation["href"] == f"/transcripts/talks#p{citation['paragraph']}"
    document = client.get("/v1/transcripts/talks").json()
    texts = {p["number"]: p["text"] for turn in document["turns"] for p in turn["paragraphs"]}
    quoted = texts[citation["paragraph"]][citation["start"] : citation["end"]]
    assert quoted == citation["quote"]


def test_search_takes_the_same_filters_in_the_address(client):
    """GET /v1/search and POST /v1/ask give the same citations."""
    asked = client.post("/v1/ask", json={"question": "boat", "speaker": "ana berg", "k": 3}).json()
    found = client.get("/v1/search", params={"q": "boat", "speaker": "ana berg", "k": 3}).json()
    assert found["citations"] == asked["citations"]
    assert {citation["speaker"] for citation in found["citations"]} == {"Ana Berg"}


def test_where_nobody_says_so_the_reason_and_the_nearest_come(open_answerer):
    """Both operations: `answered` false, confidence, reason, citations as ever."""

    @contextmanager
    def opening():
        with open_answerer() as answerer:
            yield Answerer(answerer.searcher, FakeConfidence("treaty"))

    with TestClient(create_app(opening, ["testserver"])) as client:
        asked = {"question": "Who signed the treaty in 2011?", "k": 2, "speaker": "Ana Berg"}
        body = client.post("/v1/ask", json=asked).json()
        found = client.get(
            "/v1/search", params={"q": asked["question"], "k": 2, "speaker": "Ana Berg"}
        ).json()
        sure = client.post("/v1/ask", json={"question": asked["question"]}).json()
    assert (body["answered"], body["confidence"]) == (False, 0.1)
    assert body["reason"] == {
        "kind": "not-by-that-speaker",
        "detail": "Ana Berg does not say so here; 1 passage of others may: "
        "ask without the speaker.",
        "without": ["speaker"],
    }
    assert len(body["citations"]) == 2
    assert body | {"took_ms": 0} == found | {"took_ms": 0}
    assert (sure["answered"], sure["confidence"], sure["reason"]) == (True, 0.9, None)


def test_what_the_question_names_is_suggested_unless_hints_are_off(client):
    """A suggestion's fields are those of the request."""
    question = "What did Lund say in June 2017?"
    hinted = client.post("/v1/ask", json={"question": question}).json()
    plain = client.post("/v1/ask", json={"question": question, "hints": False}).json()
    listed = client.get("/v1/search", params={"q": question, "hints": "false"}).json()
    assert hinted["suggestions"] == [
        {
            "kind": "speaker",
            "label": "Ivo Lund",
            "speaker": "Ivo Lund",
            "date_from": None,
            "date_to": None,
        },
        {
            "kind": "dates",
            "label": "June 2017",
            "speaker": None,
            "date_from": "2017-06-01",
            "date_to": "2017-06-30",
        },
    ]
    assert plain["suggestions"] == []
    assert hinted["citations"][0]["components"]["speaker"] == 1
    assert {one["components"]["speaker"] for one in plain["citations"]} == {0}
    assert [one["score"] for one in listed["citations"]] == [
        one["score"] for one in plain["citations"]
    ]


def test_a_citation_lists_where_else_it_is_said(client, library):
    """The same words of the same person in another file."""
    words = "Eva Holm: The lighthouse keeper has counted every single ship that passed last night."
    for id_ in ("first", "second"):
        add(library, transcript(id_, words, title=id_.title()), FakeEmbedder())
    body = client.post("/v1/ask", json={"question": "lighthouse keeper", "k": 2}).json()
    assert body["citations"][0]["also"] == [
        {
            "transcript_id": "second",
            "title": "Second",
            "date": "2017-06-16",
            "paragraph": 1,
            "href": "/transcripts/second#p1",
        }
    ]
    assert body["citations"][1]["also"] == []


def test_questions_are_results_only_when_asked_for(client):
    """By default the reporter's words are context."""
    every = client.get("/v1/search", params={"q": "captain dead", "k": 50}).json()["citations"]
    asked = client.get("/v1/search", params={"q": "captain dead", "role": "question"}).json()
    assert "question" not in {citation["role"] for citation in every}
    assert {citation["role"] for citation in asked["citations"]} == {"question"}


def test_dates_filter_and_undated_transcripts_are_left_out(client):
    """`date_from` and `date_to` include their days."""
    found = client.get("/v1/search", params={"q": "the", "date_from": "2017-06-16", "k": 50}).json()
    assert {citation["transcript_id"] for citation in found["citations"]} == {"talks"}


def test_transcripts_come_page_by_page(client):
    """`next` of a page is the `after` of the next one; the last has none."""
    first = client.get("/v1/transcripts", params={"limit": 1}).json()
    second = client.get("/v1/transcripts", params={"limit": 1, "after": first["next"]}).json()
    assert [t["id"] for t in first["transcripts"] + second["transcripts"]] == ["dam", "talks"]
    assert client.get("/v1/transcripts").json()["next"] is None


def test_speakers_are_counted(client):
    """Turns and transcripts of each, with the first and last date."""
    speakers = {one["name"]: one for one in client.get("/v1/speakers").json()["speakers"]}
    assert speakers["Ana Berg"] == {
        "name": "Ana Berg",
        "also": [],
        "named": True,
        "turns": 3,
        "transcripts": 2,
        "first_date": "2017-06-16",
        "last_date": "2017-06-16",
    }
    assert speakers["Question"]["named"] is False


@pytest.mark.parametrize(
    ("method", "path", "json", "status", "kind"),
    [
        ("POST", "/v1/ask", {"question": "x", "hints": "perhaps"}, 422, "invalid"),
        ("GET", "/v1/transcripts/none", None, 404, "not-found"),
        ("GET", "/v1/nothing", None, 404, "not-found"),
        ("DELETE", "/v1/ask", None, 405, "method-not-allowed"),
        ("POST", "/v1/ask", {"question": ""}, 422, "invalid"),
        ("POST", "/v1/ask", {"question": "x", "k": 51}, 422, "invalid"),
        ("POST", "/v1/ask", {"question": "x", "speeker": "y"}, 422, "invalid"),
        ("POST", "/v1/ask", {"question": "   "}, 422, "bad-query"),
        ("POST", "/v1/ask", {"question": "x", "speaker": "Nobody"}, 404, "not-found"),
        (
            "POST",
            "/v1/ask",
            {"question": "x", "date_from": "2020-01-02", "date_to": "2020-01-01"},
            422,
            "bad-query",
        ),
        ("GET", "/v1/search", None, 422, "invalid"),
        ("GET", "/v1/search?q=x&role=boss", None, 422, "invalid"),
    ],
)
def test_errors_are_problems(client, method, path, json, status, kind):
    """RFC 9457: media type, type, title, status and a detail for people."""
    response = client.request(method, path, json=json)
    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:onrecord:problem:{kind}"
    assert problem["title"]
    assert problem["detail"]


def test_every_error_of_ours_has_a_status():
    """The table knows every class below OnRecordError."""
    for kind, status, _ in STATUS:
        problem = problem_of(kind.__new__(kind))
        assert problem["status"] == status


def test_health_and_readiness(client):
    """Ready says how much can be asked."""
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz").json()
    assert (ready["status"], ready["transcripts"], ready["model"]) == ("ok", 2, "fake@0000")


def test_openapi_has_an_example_for_asking_and_documents_problems(client):
    """What the docs promise a developer is in the document."""
    document = client.get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    ask = document["components"]["schemas"]["AskRequest"]
    assert ask["examples"][0]["question"] == "Is al-Baghdadi dead?"
    for example in ask["examples"]:
        AskRequest.model_validate(example)
    [answer] = document["components"]["schemas"]["AnswerShape"]["examples"]
    assert AnswerShape.model_validate(answer).answered is False
    responses = document["paths"]["/v1/ask"]["post"]["responses"]
    assert {"200", "404", "422", "503"} <= set(responses)
    assert "application/problem+json" in responses["404"]["content"]


def test_every_answer_has_the_security_headers(client):
    """Pages, data and errors alike."""
    for path in ("/", "/v1/speakers", "/nothing", "/v1/nothing"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_a_large_body_is_refused_while_it_comes(client):
    """By its declared length, and by what really comes."""
    declared = client.post("/v1/ask", content=b"x" * 70_000)
    streamed = client.post("/v1/ask", content=iter([b"x" * 40_000, b"x" * 40_000]))
    for response in (declared, streamed):
        assert response.status_code == 413
        assert response.json()["type"] == "urn:onrecord:problem:too-large"


def test_other_host_names_are_refused(client):
    """A page elsewhere that points its own name here cannot read the library."""
    assert client.get("/v1/speakers", headers={"host": "evil.example"}).status_code == 400


def test_what_ails_the_server_is_not_told_to_clients(client, library, caplog):
    """No path, no SQL; the log has them."""
    with library.write() as connection:
        connection.execute("ALTER TABLE paragraphs RENAME TO elsewhere")
    response = client.get("/v1/transcripts/talks")
    assert response.status_code == 503
    assert response.json()["detail"] == "the service cannot answer now; its log says why"
    assert "library.db" in caplog.text


@pytest.mark.parametrize("day", [0, 20240101, "20240101", "2024-W01-1", "yesterday"])
def test_a_day_is_written_one_way(client, day):
    """Numbers and other forms are refused rather than guessed."""
    response = client.post("/v1/ask", json={"question": "x", "date_from": day})
    assert response.status_code == 422
