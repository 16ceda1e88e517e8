"""GET /v1/passages/{passage_id}: a passage with its paragraphs and those around it."""

import pytest
from fastapi.testclient import TestClient

from service.api.passages import PassageShape
from service.app import create_app


@pytest.fixture
def client(open_answerer):
    with TestClient(
        create_app(open_answerer, ["testserver"]), raise_server_exceptions=False
    ) as client:
        yield client


def test_a_passage_comes_with_its_paragraphs_and_two_around_it(client):
    """The passage of two paragraphs, the question before it, and the words after it."""
    body = client.get("/v1/passages/talks:p3-4").json()
    assert (body["id"], body["transcript_id"], body["date"]) == (
        "talks:p3-4",
        "talks",
        "2017-06-16",
    )
    assert body["text"] == (
        "I heard these reports but cannot confirm them.\nThe search goes on in the bay."
    )
    assert [one["number"] for one in body["before"]] == [1, 2]
    assert [one["number"] for one in body["paragraphs"]] == [3, 4]
    assert body["after"] == [
        {
            "number": 5,
            "text": "Nobody has seen the boat since Friday.",
            "start_s": None,
            "end_s": None,
            "page": None,
            "turn": 4,
            "speaker": "Ana Berg",
            "speaker_as_written": None,
            "speaker_named": True,
            "role": "answer",
        }
    ]
    assert body["href"] == "/transcripts/talks#p3"
    words = [one["text"] for one in body["paragraphs"]]
    assert [words[0][body["start"] :], words[1][: body["end"]]] == body["text"].split("\n")


@pytest.mark.parametrize(
    ("context", "before", "after"), [(0, [], []), (1, [2], [5]), (20, [1, 2], [5])]
)
def test_context_says_how_many(client, context, before, after):
    """Paragraphs on each side, fewer at the ends of the transcript."""
    body = client.get("/v1/passages/talks:p3-4", params={"context": context}).json()
    assert [one["number"] for one in body["before"]] == before
    assert [one["number"] for one in body["after"]] == after


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("none", 404, "not-found"),
        ("talks", 404, "not-found"),
        ("..%2f..%2fetc%2fpasswd", 404, "not-found"),
        ("%2e%2e", 404, "not-found"),
        ("talks%00", 404, "not-found"),
        ("x" * 201, 422, "invalid"),
        ("talks:p1?context=21", 422, "invalid"),
        ("talks:p1?context=-1", 422, "invalid"),
        ("talks:p1?context=two", 422, "invalid"),
    ],
)
def test_what_makes_no_sense_is_a_problem(client, path, status, kind):
    """An id is a key, and never a path."""
    response = client.get(f"/v1/passages/{path}")
    assert (response.status_code, response.json()["type"]) == (
        status,
        f"urn:onrecord:problem:{kind}",
    )
    assert response.headers["content-type"] == "application/problem+json"


def test_openapi_has_valid_examples(client):
    """Of the answer."""
    document = client.get("/openapi.json").json()
    [example] = PassageShape.model_config["json_schema_extra"]["examples"]
    PassageShape.model_validate(example)
    assert document["components"]["schemas"]["PassageShape"]["examples"]
    [path_parameter, _] = document["paths"]["/v1/passages/{passage_id}"]["get"]["parameters"]
    assert path_parameter["schema"]["examples"] == ["talks:p3"]
