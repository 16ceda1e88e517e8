"""POST /v1/ask:batch: each question is answered or has its problem."""

import pytest
from fastapi.testclient import TestClient

from service.api.batch import BatchRequest, BatchShape
from service.app import create_app

ASKED = {"question": "Is the captain dead?", "k": 1}


@pytest.fixture
def client(open_answerer):
    with TestClient(
        create_app(open_answerer, ["testserver"]), raise_server_exceptions=False
    ) as client:
        yield client


def test_each_question_is_answered_or_has_its_problem(client):
    """In the order of the questions, and as one alone would be answered."""
    questions = [
        ASKED,
        {"question": "boat", "speaker": "Nobody"},
        {"question": "  "},
        {"question": "boat", "date_from": "2020-01-02", "date_to": "2020-01-01"},
        {"question": "boat", "speaker": "Ana Berg", "k": 2},
    ]
    response = client.post("/v1/ask:batch", json={"questions": questions})
    items = response.json()["items"]
    assert response.status_code == 200
    assert [item["problem"] and item["problem"]["status"] for item in items] == [
        None,
        404,
        422,
        422,
        None,
    ]
    assert items[1]["problem"]["type"] == "urn:onrecord:problem:not-found"
    for at in (0, 4):
        alone = client.post("/v1/ask", json=questions[at]).json()
        assert items[at]["answer"] | {"took_ms": 0} == alone | {"took_ms": 0}
    assert [item["answer"] for item in items[1:4]] == [None] * 3


def test_fifty_are_the_most(client):
    """One more is refused before any is asked."""
    most = client.post("/v1/ask:batch", json={"questions": [ASKED] * 50})
    more = client.post("/v1/ask:batch", json={"questions": [ASKED] * 51})
    assert (most.status_code, len(most.json()["items"])) == (200, 50)
    assert more.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"questions": []},
        {"questions": "boat"},
        {"questions": ["boat"]},
        {"questions": [ASKED, ASKED | {"k": 51}]},
        {"questions": [ASKED | {"speeker": "x"}]},
        {"questions": [ASKED], "k": 1},
    ],
)
def test_what_does_not_fit_the_schema_is_refused_whole(client, body):
    """The place is named in the problem."""
    response = client.post("/v1/ask:batch", json=body)
    assert (response.status_code, response.json()["type"]) == (422, "urn:onrecord:problem:invalid")
    assert response.json()["errors"][0]["at"].startswith("body")


def test_where_the_service_ails_the_whole_batch_fails(client, library):
    """No item could be answered."""
    with library.write() as connection:
        connection.execute("ALTER TABLE paragraphs RENAME TO elsewhere")
    assert client.post("/v1/ask:batch", json={"questions": [ASKED]}).status_code == 503


def test_openapi_has_valid_examples(client):
    """Of the request and the answer."""
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    for shape in (BatchRequest, BatchShape):
        for example in schemas[shape.__name__]["examples"]:
            shape.model_validate(example)
