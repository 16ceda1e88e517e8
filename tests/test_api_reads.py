"""What is read: ETags from the library's state, and transcripts as files."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from indexer import aliases
from service.app import create_app
from tests.conftest import DAM, TALKS
from tests.fakes import FakeEmbedder, add, transcript

READS = (
    "/v1/transcripts",
    "/v1/transcripts/talks",
    "/v1/transcripts/talks?format=txt",
    "/v1/speakers",
    "/v1/passages/talks:p5",
    "/v1/citations?ids=talks:p5",
)


@pytest.fixture
def client(open_answerer):
    with TestClient(
        create_app(open_answerer, ["testserver"]), raise_server_exceptions=False
    ) as client:
        yield client


@pytest.mark.parametrize("path", READS)
def test_what_has_not_changed_is_not_sent_again(client, path):
    """304 without a body, in every way that the tag can be given."""
    first = client.get(path)
    etag = first.headers["etag"]
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    for held in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path, headers={"if-none-match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = client.get(path, headers={"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, first.content)


@pytest.mark.parametrize("path", READS)
def test_a_changed_library_is_sent_again(client, library, path):
    """Indexing, merging of names and deleting each make new tags."""
    etags = [client.get(path).headers["etag"]]
    add(library, transcript("new", "Eva Holm: A word."), FakeEmbedder())
    grown = client.get(path, headers={"if-none-match": etags[-1]})
    assert grown.status_code == 200
    etags.append(grown.headers["etag"])
    aliases.merge(library, "Ana Berg", ["Eva Holm"])
    etags.append(client.get(path).headers["etag"])
    library.delete("new")
    etags.append(client.get(path).headers["etag"])
    assert len(set(etags)) == 4


def test_each_address_has_its_own_tag(client):
    """A tag of one is never an answer for another, least of all for what there is not."""
    etags = {client.get(path).headers["etag"] for path in READS}
    assert len(etags) == len(READS)
    headers = {"if-none-match": ", ".join(etags)}
    missing = client.get("/v1/transcripts/none", headers=headers)
    assert (missing.status_code, "etag" in missing.headers) == (404, False)
    assert client.get("/v1/transcripts/none", headers={"if-none-match": "*"}).status_code == 404
    assert client.get("/v1/speakers?limit=0", headers=headers).status_code == 422


def test_a_library_that_cannot_be_read_is_a_problem(client, library):
    """The tag comes from the library too."""
    with library.write() as connection:
        connection.execute("ALTER TABLE meta RENAME TO elsewhere")
    assert client.get("/v1/speakers").status_code == 503


def test_a_transcript_as_text_and_markdown(client):
    """To be saved by a name of their own."""
    text = client.get("/v1/transcripts/dam", params={"format": "txt"})
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert text.headers["content-disposition"] == "attachment; filename*=UTF-8''dam.txt"
    assert text.text == (
        "Press conference\n\n"
        "Ana Berg: The dam leaks. <script>alert(1)</script> is what the sign says.\n\n"
        "Question: Who pays for the repair?\n\n"
        "Ana Berg: The ministry pays 28 million for it.\n"
    )
    markdown = client.get("/v1/transcripts/dam", params={"format": "md"})
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert "**Ana Berg:** The dam leaks. \\<script\\>alert(1)\\</script\\>" in markdown.text


def test_json_is_the_default(client):
    """With the format named and without it."""
    plain = client.get("/v1/transcripts/talks")
    named = client.get("/v1/transcripts/talks", params={"format": "json"})
    assert plain.json() == named.json()
    assert plain.headers["content-type"] == "application/json"
    assert plain.json()["title"] == TALKS.title


def test_captions_need_times(client, library):
    """A cue for each paragraph; without a time it is a problem that says so."""
    [turn, *_] = DAM.turns
    [paragraph] = turn.paragraphs
    timed = replace(turn, paragraphs=(replace(paragraph, start_s=1.5, end_s=4.0),))
    add(library, replace(DAM, id="tímed", turns=(timed,)), FakeEmbedder())
    captions = client.get("/v1/transcripts/tímed", params={"format": "vtt"})
    assert captions.headers["content-type"] == "text/vtt; charset=utf-8"
    assert captions.headers["content-disposition"].endswith("''t%C3%ADmed.vtt")
    assert captions.text == (
        "WEBVTT\n\n00:00:01.500 --> 00:00:04.000\n"
        "<v Ana Berg>The dam leaks. &lt;script&gt;alert(1)&lt;/script&gt; is what the sign says.\n"
    )
    untimed = client.get("/v1/transcripts/dam", params={"format": "vtt"})
    assert (untimed.status_code, untimed.json()["type"]) == (
        422,
        "urn:onrecord:problem:bad-transcript",
    )
    assert untimed.json()["detail"].startswith("dam: paragraph 1 has no time")


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("talks?format=exe", 422, "invalid"),
        ("none?format=txt", 404, "not-found"),
        ("..%2ftalks?format=txt", 404, "not-found"),
        ("talks%00?format=md", 404, "not-found"),
    ],
)
def test_what_makes_no_sense_is_a_problem(client, path, status, kind):
    """In JSON, whatever form was asked for."""
    response = client.get(f"/v1/transcripts/{path}")
    assert (response.status_code, response.json()["type"]) == (
        status,
        f"urn:onrecord:problem:{kind}",
    )


def test_openapi_tells_forms_and_304(client):
    """Every read may be unchanged; a transcript has four forms, three with examples here."""
    paths = client.get("/openapi.json").json()["paths"]
    for path in ("transcripts", "transcripts/{transcript_id}", "speakers", "citations"):
        assert "304" in paths[f"/v1/{path}"]["get"]["responses"]
    content = paths["/v1/transcripts/{transcript_id}"]["get"]["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/plain", "text/markdown", "text/vtt"}
