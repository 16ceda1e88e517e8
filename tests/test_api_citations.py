"""GET /v1/citations: one file of citations, in five forms, safe in each."""

import csv
import io
import json

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from tests.fakes import FakeEmbedder, add, transcript

PAGE = "http://testserver/transcripts"


@pytest.fixture
def client(open_answerer):
    with TestClient(
        create_app(open_answerer, ["testserver"]), raise_server_exceptions=False
    ) as client:
        yield client


def exported(client, form, ids="talks:p5"):
    response = client.get("/v1/citations", params={"ids": ids, "format": form})
    assert response.status_code == 200, response.text
    return response


def test_markdown_is_a_quotation_with_its_source(client):
    """The default; marks of the title are escaped, paragraphs stay apart."""
    response = client.get("/v1/citations", params={"ids": "talks:p3-4"})
    assert response.headers["content-type"] == "text/markdown; charset=utf-8"
    assert response.headers["content-disposition"] == 'attachment; filename="citations.md"'
    assert response.text == (
        "> “I heard these reports but cannot confirm them.\n>\n> The search goes on in the bay.”\n"
        ">\n> — Ivo Lund, *Talks \\<b\\>on\\</b\\> fish*, 16 June 2017, "
        f"[paragraphs 3–4](<{PAGE}/talks#p3>)\n"
    )


def test_bibtex(client):
    """An entry as BibTeX and biblatex read it."""
    response = exported(client, "bibtex")
    assert response.headers["content-type"] == "application/x-bibtex; charset=utf-8"
    assert response.text == (
        "@misc{talks:p5,\n"
        "  author = {{Ana Berg}},\n"
        "  title = {{Talks <b>on</b> fish}},\n"
        "  note = {paragraph 5},\n"
        "  abstract = {Nobody has seen the boat since Friday.},\n"
        f"  url = {{{PAGE}/talks#p5}},\n"
        "  date = {2017-06-16},\n"
        "  year = {2017},\n"
        "  month = jun\n"
        "}\n"
    )


def test_ris(client):
    """Tags of a record between TY and ER, lines ended as the format wants."""
    response = exported(client, "ris")
    assert response.headers["content-type"].startswith("application/x-research-info-systems")
    assert response.text.split("\r\n") == [
        "TY  - GEN",
        "ID  - talks:p5",
        "AU  - Ana Berg",
        "TI  - Talks <b>on</b> fish",
        "DA  - 2017/06/16/",
        "PY  - 2017",
        "AB  - Nobody has seen the boat since Friday.",
        "N1  - paragraph 5",
        f"UR  - {PAGE}/talks#p5",
        "ER  - ",
        "",
    ]


def test_csv_has_a_row_for_each_in_the_order_of_the_ids(client):
    """Ids between commas and again, each once; no date is an empty cell."""
    ids = ["talks:p3-4,dam:p3", "talks:p3-4"]
    response = exported(client, "csv", ids)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert rows == [
        {
            "id": "talks:p3-4",
            "speaker": "Ivo Lund",
            "role": "answer",
            "title": "Talks <b>on</b> fish",
            "date": "2017-06-16",
            "paragraphs": "3–4",
            "quote": "I heard these reports but cannot confirm them.\n"
            "The search goes on in the bay.",
            "url": f"{PAGE}/talks#p3",
        },
        {
            "id": "dam:p3",
            "speaker": "Ana Berg",
            "role": "answer",
            "title": "Press conference",
            "date": "",
            "paragraphs": "3",
            "quote": "The ministry pays 28 million for it.",
            "url": f"{PAGE}/dam#p3",
        },
    ]


def test_csl_json(client):
    """Items as citation processors read them."""
    response = exported(client, "csl-json", ["talks:p5", "dam:p3"])
    assert response.headers["content-type"] == "application/vnd.citationstyles.csl+json"
    first, second = json.loads(response.text)
    assert first == {
        "id": "talks:p5",
        "type": "speech",
        "title": "Talks <b>on</b> fish",
        "author": [{"literal": "Ana Berg"}],
        "section": "paragraph 5",
        "abstract": "Nobody has seen the boat since Friday.",
        "URL": f"{PAGE}/talks#p5",
        "issued": {"date-parts": [[2017, 6, 16]]},
    }
    assert "issued" not in second


@pytest.fixture
def hostile(client, library):
    """The id of a passage whose words, title and speaker look like marks of every form."""
    document = transcript(
        "évil",
        "=cmd|' /C calc': =HYPERLINK(\"http://evil\"), 100% of \\{it} & $5 #1_a ~b^c. "
        "TY  - BOOK *bold* [link](http://evil) <script>",
        title="@SUM(1+1)}, x = {y",
    )
    add(library, document, FakeEmbedder())
    return "évil:p1"


def test_no_cell_is_a_formula(client, hostile):
    """An apostrophe stands before what a spreadsheet would compute."""
    [row] = csv.DictReader(io.StringIO(exported(client, "csv", hostile).text, newline=""))
    assert row["speaker"] == "'=cmd|' /C calc'"
    assert row["title"] == "'@SUM(1+1)}, x = {y"
    assert row["quote"].startswith("'=HYPERLINK(")
    assert row["id"] == "évil:p1"


def test_bibtex_keeps_its_braces_and_specials(client, hostile):
    """The words stay inside of their field; the key is ASCII."""
    text = exported(client, "bibtex", hostile).text
    assert text.startswith("@misc{+C3+A9vil:p1,\n")
    assert "  title = {{@SUM(1+1)\\textbraceright{}, x = \\textbraceleft{}y}},\n" in text
    assert (
        "100\\% of \\textbackslash{}\\textbraceleft{}it\\textbraceright{} \\& \\$5 \\#1\\_a "
        "\\textasciitilde{}b\\textasciicircum{}c."
    ) in text
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "{") - (char == "}")
        assert depth > 0 or at in (*range(len("@misc")), len(text) - 2, len(text) - 1)


def test_ris_has_no_line_of_the_words(client, hostile):
    """What looks like a tag stays in its line."""
    lines = exported(client, "ris", hostile).text.split("\r\n")
    assert [line[:2] for line in lines if line] == "TY ID AU TI DA PY AB N1 UR ER".split()


def test_markdown_shows_the_words_and_no_link_of_theirs(client, hostile):
    """Emphasis, links and tags are escaped."""
    text = exported(client, "markdown", hostile).text
    assert "\\*bold\\* \\[link\\](http://evil) \\<script\\>" in text
    assert text.count("](<") == 1


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ("", 422, "invalid"),
        ("ids=", 422, "bad-query"),
        ("ids=,,,", 422, "bad-query"),
        ("ids=none", 404, "not-found"),
        ("ids=talks:p5,none", 404, "not-found"),
        ("ids=..%2f..%2fetc%2fpasswd", 404, "not-found"),
        ("ids=talks%00", 404, "not-found"),
        ("ids=talks:p5&format=docx", 422, "invalid"),
        ("ids=" + ",".join(["talks:p5"] * 101), 422, "bad-query"),
        ("&".join(["ids=talks:p5"] * 101), 422, "invalid"),
    ],
)
def test_what_makes_no_sense_is_a_problem(client, query, status, kind):
    """All passages or none: an unknown one is named."""
    response = client.get(f"/v1/citations?{query}")
    assert (response.status_code, response.json()["type"]) == (
        status,
        f"urn:onrecord:problem:{kind}",
    )


def test_a_hundred_ids_are_served(client):
    """The bound itself is allowed."""
    assert exported(client, "csv", ",".join(["talks:p5"] * 100)).text.count("\r\n") == 2


def test_openapi_has_an_example_of_every_form(client):
    """By media type."""
    document = client.get("/openapi.json").json()
    content = document["paths"]["/v1/citations"]["get"]["responses"]["200"]["content"]
    assert set(content) == {
        "text/markdown",
        "application/x-bibtex",
        "application/x-research-info-systems",
        "text/csv",
        "application/vnd.citationstyles.csl+json",
    }
    assert all(one["example"] for one in content.values())
