"""The pages without script: what is cited, marked, escaped, refused and allowed to run."""

import datetime as dt
from contextlib import contextmanager
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient

from indexer.library import Library
from indexer.search import Searcher
from service.answer import Answerer
from service.app import create_app
from service.web import views
from tests.conftest import DAM, TALKS
from tests.fakes import FakeEmbedder, add, transcript
from tests.judging import FakeConfidence

VOID = {"br", "hr", "img", "input", "link", "meta", "option"}
HOSTILE = transcript(
    "hostile",
    '<img src=x onerror=alert(1)>: We said "no" & meant it. <script>alert(2)</script>',
    "-: Somebody in the hall said the bridge is closed.",
    title='<script>alert("title")</script>',
    date=dt.date(2019, 1, 2),
)


class Page(HTMLParser):
    """The elements of a page in order, each with its text, also that of its children."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[int] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.texts.append("")
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        while self._open and self.elements[self._open.pop()][0] != tag:
            pass

    def handle_data(self, data):
        for at in self._open:
            self.texts[at] += data

    def where(self, tag: str, **wanted: str) -> list[tuple[dict[str, str | None], str]]:
        """Attributes and folded text of the elements; `cls` is one of their classes."""
        cls = wanted.pop("cls", None)
        return [
            (attributes, " ".join(text.split()))
            for (name, attributes), text in zip(self.elements, self.texts, strict=True)
            if name == tag
            and (cls is None or cls in (attributes.get("class") or "").split())
            and wanted.items() <= attributes.items()
        ]


@pytest.fixture
def client(open_answerer):
    with TestClient(create_app(open_answerer, ["testserver"])) as client:
        yield client


@pytest.fixture
def client_of(tmp_path):
    """Makes a client over a library of the given transcripts."""
    opened = []

    def make(*documents, confidence=None):
        library = Library.open(tmp_path / "other", create=True)
        for document in documents:
            add(library, document, FakeEmbedder())

        @contextmanager
        def opening():
            with library:
                yield Answerer(Searcher(library, FakeEmbedder()), confidence)

        client = TestClient(create_app(opening, ["testserver"]))
        opened.append(client)
        return client.__enter__()

    yield make
    for client in opened:
        client.__exit__(None, None, None)


def paragraph(document, number):
    return next(one.text for one in document.paragraphs() if one.number == number)


def test_a_question_in_the_address_is_answered_without_script(client):
    """A finding has speaker, role, date, title, question, quote, mark and the way there."""
    found = client.get("/?q=Can+they+confirm+these+reports&speaker=ivo+lund")
    page = Page(found.text.split("<template")[0])
    assert found.status_code == 200
    assert page.where("title")[0][1] == "Can they confirm these reports — On the Record"
    assert page.where("h2", cls="bubble")[0][1] == "Can they confirm these reports"
    assert {text for _, text in page.where("p", cls="speaker")} == {"Ivo Lund"}
    best = page.where("li", cls="finding")[0][1]
    assert "Asked: Is the captain dead?" in best
    assert "answer 16 June 2017" in best
    assert "I heard these reports but cannot confirm them." in best
    assert "Talks <b>on</b> fish, ¶3" in best
    marked = page.where("mark")[0][1]
    assert marked == "I heard these reports but cannot confirm them."
    place = page.where("a", cls="place")[0][0]["href"]
    assert place == f"/transcripts/talks?p=3&start=0&end={len(marked)}#p3"


def test_the_quote_is_the_citations_to_the_letter(client):
    """The quote of the page and of the API are the same characters, mark included."""
    asked = {"question": "treaty signed in 2011", "k": 5}
    citations = client.post("/v1/ask", json=asked).json()["citations"]
    page = Page(client.get("/", params={"q": asked["question"]}).text.split("<template")[0])
    assert [text for _, text in page.where("p", cls="quote")] == [one["quote"] for one in citations]
    assert [text for _, text in page.where("mark")] == [
        one["quote"][one["highlight"]["start"] - one["start"] :][
            : one["highlight"]["end"] - one["highlight"]["start"]
        ]
        for one in citations
    ]


def test_the_link_of_a_finding_marks_the_same_sentence_in_the_transcript(client):
    """'Read in place' shows what the finding showed."""
    answer = Page(client.get("/?q=boat+Friday").text.split("<template")[0])
    place = answer.where("a", cls="place")[0][0]["href"]
    page = Page(client.get(place).text)
    assert page.where("mark") == answer.where("mark")[:1]


def test_filters_are_kept_and_told(client):
    """What narrowed the question stands in the form and in words."""
    page = Page(client.get("/?q=boat&speaker=Ana+Berg&from=2017-06-01&transcript=talks").text)
    assert page.where("p", cls="asking-scope")[0][1] == (
        "Ana Berg · from 1 June 2017 · Talks <b>on</b> fish"
    )
    assert page.where("input", id="speaker")[0][0]["value"] == "Ana Berg"
    assert page.where("input", id="from")[0][0]["value"] == "2017-06-01"
    chosen = [attributes for attributes, _ in page.where("option") if "selected" in attributes]
    assert [attributes["value"] for attributes in chosen] == ["talks"]


def test_no_result_is_a_state_with_a_way_on(client):
    """Limits that allow nothing say so, and link to the question without them."""
    found = client.get("/?q=boat&from=2030-01-01&speaker=Ivo+Lund")
    page = Page(found.text.split("<template")[0])
    assert found.status_code == 200
    assert page.where("li", cls="finding") == []
    assert page.where("h3", cls="nearest") == []
    assert page.where("p", cls="notice-head")[0][1] == (
        "Nobody says so in those dates; 2 passages of other days may: ask without the dates."
    )
    way = page.where("a", cls="way")[0]
    assert way == ({"class": "way", "href": "/?q=boat&speaker=Ivo+Lund"}, "Ask without the dates")


def test_limits_without_a_passage_lead_to_the_whole_library(client_of):
    """Where no single filter is at fault there is still a way on."""
    asked = transcript("asked", "Question: Is there a boat?", date=None)
    page = Page(client_of(asked).get("/?q=boat&from=2030-01-01").text.split("<template")[0])
    assert page.where("p", cls="notice-head")[0][1] == "No passage is within these limits."
    assert page.where("a", cls="way")[0] == (
        {"class": "way", "href": "/?q=boat"},
        "Ask the whole library",
    )


def test_where_nobody_says_so_the_nearest_stand_below_in_a_muted_way(client_of):
    """A banner with the reason, no count and no confidence; nothing to drop, so no link."""
    client = client_of(TALKS, confidence=FakeConfidence("whale"))
    page = Page(client.get("/?q=treaty").text.split("<template")[0])
    assert page.where("p", cls="notice-head")[0][1] == "Nobody in these transcripts says so."
    assert page.where("h3", cls="nearest")[0][1] == "Nearest passages"
    assert page.where("ol", cls="findings")[0][0]["class"] == "findings muted"
    assert len(page.where("li", cls="finding")) == 3
    assert page.where("a", cls="way") == []
    assert page.where("p", cls="count") == []
    assert page.where("span", cls="confidence") == []


@pytest.mark.parametrize(("value", "word"), [(0.9, "likely"), (0.6, "unsure")])
def test_confidence_is_a_word_with_the_figure_in_its_title(client_of, value, word):
    """Likely is over 0.66; where none is known there is no word (as in the other tests)."""

    class Sure(FakeConfidence):
        def of(self, hits):
            return value

    client = client_of(TALKS, confidence=Sure())
    page = Page(client.get("/?q=treaty").text.split("<template")[0])
    assert page.where("p", cls="count")[0][1] == f"3 findings {word}"
    title = f"The first finding answers with a probability of {value:.2f}"
    assert page.where("span", cls="confidence")[0][0]["title"] == title
    assert page.where("ol", cls="findings")[0][0]["class"] == "findings"


def test_what_the_question_names_is_offered_as_links(client):
    """Each adds a filter to those that are given."""
    asked = {"q": "What did Berg say in June 2017?", "transcript": "talks"}
    page = Page(client.get("/", params=asked).text.split("<template")[0])
    whole = "/?q=What+did+Berg+say+in+June+2017%3F"
    assert [(one["href"], text) for one, text in page.where("a", cls="chip")] == [
        (f"{whole}&speaker=Ana+Berg&transcript=talks", "Ana Berg"),
        (f"{whole}&from=2017-06-01&to=2017-06-30&transcript=talks", "June 2017"),
    ]
    narrowed = Page(client.get(page.where("a", cls="chip")[0][0]["href"]).text)
    assert [text for _, text in narrowed.where("a", cls="chip")] == ["June 2017"]
    assert narrowed.where("input", id="speaker")[0][0]["value"] == "Ana Berg"


def test_where_else_it_is_said_is_listed_and_linked(client_of):
    """Title, date and paragraph of the other place; markup in a title stays text."""
    words = "-: Somebody in the hall said that the bridge is closed and stays so all winter."
    other = transcript("other", words, title=HOSTILE.title, date=HOSTILE.date)
    documents = [transcript("one", words, title="Bridge", date=None), other]
    page = Page(client_of(*documents).get("/?q=bridge+closed").text.split("<template")[0])
    assert len(page.where("li", cls="finding")) == 1
    assert page.where("details", cls="also")[0][1] == (
        f"Also in 1 other place {HOSTILE.title}, 2 January 2019, ¶1"
    )
    links = [one["href"] for one, text in page.where("a") if text == HOSTILE.title]
    assert links == ["/transcripts/other#p1"]


@pytest.mark.parametrize(
    ("address", "status", "detail"),
    [
        ("/?q=boat&speaker=Ivo", 404, "did you mean Ivo Lund?"),
        ("/?q=boat&from=tomorrow", 400, "'tomorrow' is not a date"),
        ("/?q=boat&from=2020-02-02&to=2020-01-01", 422, "exchange them"),
        (f"/?q={'a' * 2001}", 422, "2000 are the most"),
    ],
)
def test_what_cannot_be_asked_is_told_in_words_and_can_be_tried_again(
    client, address, status, detail
):
    """An error is a page of its status, with the detail and a link to the same address."""
    found = client.get(address)
    page = Page(found.text.split("<template")[0])
    assert found.status_code == status
    assert found.headers["content-type"].startswith("text/html")
    assert detail in page.where("p", cls="detail")[0][1]
    assert page.where("a", cls="retry")[0][0]["href"] == address


def test_the_first_page_says_what_the_library_holds(client):
    """Counts of the library and the way to the lists, and no question made up."""
    page = Page(client.get("/").text)
    assert page.where("p", cls="holdings")[0][1] == "2 transcripts, June 2017, 2 speakers"
    names = {attributes["value"] for attributes, _ in page.where("option")} - {"", "talks", "dam"}
    assert names == {"Ivo Lund", "Ana Berg"}


def test_what_is_added_while_the_service_runs_is_shown(client, library):
    """The counts are those of the library's present state."""
    client.get("/")
    add(library, HOSTILE, FakeEmbedder())
    page = Page(client.get("/").text)
    assert page.where("p", cls="holdings")[0][1].startswith("3 transcripts, June 2017 to January")


def test_an_empty_library_explains_how_to_fill_it(client_of):
    """There is nothing to ask, so there is no form."""
    found = client_of().get("/?q=anything")
    page = Page(found.text)
    assert found.status_code == 200
    assert page.where("code")[0][1] == "onrecord index FOLDER"
    assert page.where("form") == []


def test_a_transcript_is_numbered_and_tells_who_speaks(client):
    """Every paragraph has its anchor and its number; questions are told from answers."""
    page = Page(client.get("/transcripts/talks").text)
    spoken = page.where("div", cls="spoken")
    assert [attributes["id"] for attributes, _ in spoken] == ["p1", "p2", "p3", "p4", "p5"]
    numbers = page.where("a", cls="number")
    assert [attributes["href"] for attributes, _ in numbers] == ["#p1", "#p2", "#p3", "#p4", "#p5"]
    assert [attributes["class"] for attributes, _ in page.where("section", cls="turn")] == [
        "turn statement",
        "turn question",
        "turn answer",
        "turn answer",
    ]
    assert page.where("time")[0] == ({"datetime": "2017-06-16"}, "16 June 2017")
    assert page.where("mark") == []
    assert page.where("input", name="transcript")[0][0]["value"] == "talks"


def test_characters_of_a_span_count_as_in_python():
    """A fish is one character, whatever it is in bytes or UTF-16."""
    document = transcript("x", "A: 🐟 caught. Then lost.")
    marked = views.marked_of({"p": "1", "start": "10", "end": "20"}, document)
    assert marked == (1, 10, 20)
    assert views.cut(paragraph(document, 1), marked[1:]) == ("🐟 caught. ", "Then lost.", "")


@pytest.mark.parametrize(
    ("query", "marked"),
    [
        ("p=3&start=2&end=7", "heard"),
        ("p=4&start=26&end=99999", "bay."),
        ("p=3&start=7&end=2", None),
        ("p=3&start=500&end=600", None),
        ("p=99&start=0&end=5", None),
        ("p=3&start=-1&end=5", None),
        ("p=3&start=0", None),
        ("p=x&start=0&end=5", None),
        ("p=٣&start=0&end=5", None),
        ("p=3&start=0&end=99999999999999999999", None),
    ],
)
def test_a_span_is_clamped_and_nonsense_is_ignored(client, query, marked):
    """Whatever the address says, the page is the transcript."""
    found = client.get(f"/transcripts/talks?{query}")
    page = Page(found.text)
    assert found.status_code == 200
    assert [text for _, text in page.where("mark")] == ([marked] if marked else [])
    number = 4 if "p=4" in query else 3
    assert paragraph(TALKS, number) in page.where("div", id=f"p{number}")[0][1]


@pytest.mark.parametrize(
    "address",
    ["/", "/?q=bridge+closed", "/transcripts", "/transcripts/hostile", "/speakers"],
)
def test_hostile_text_stays_text(client_of, address):
    """Markup in words, title and name of a speaker is shown, never obeyed."""
    found = client_of(HOSTILE, DAM).get(address)
    page = Page(found.text)
    assert "alert(" in found.text or "onerror=" in found.text
    assert page.where("img") == []
    assert {attributes.get("src", "inline")[:16] for attributes, _ in page.where("script")} <= {
        "/static/ask.js?v"
    }


def test_a_speaker_who_is_not_named_is_not_guessed(client_of):
    """Where the source does not tell, the page says so."""
    page = Page(client_of(HOSTILE).get("/?q=the+bridge+is+closed").text.split("<template")[0])
    assert page.where("p", cls="speaker")[0][1] == "Speaker not named"


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/?q=boat",
        "/?q=boat&from=2030-01-01",
        "/?q=What+did+Berg+say+in+2017%3F",
        "/?q=boat&from=x",
        "/transcripts",
        "/transcripts/talks?p=3&start=0&end=5",
        "/transcripts/none",
        "/speakers",
    ],
)
def test_pages_hold_nothing_that_the_policy_forbids(client, address):
    """No script or style inside a page, nothing remote; and the policy is sent."""
    found = client.get(address)
    page = Page(found.text)
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.where("style") == []
    for tag, attributes in page.elements:
        assert not {name for name in attributes if name == "style" or name.startswith("on")}
        for name in ("src", "href", "action"):
            target = attributes.get(name) or "/"
            assert target.startswith(("/", "#"))
            assert not target.startswith("//")
        assert tag != "script" or attributes["src"]
    assert page.where("html", lang="en")
    assert page.where("meta", name="viewport")
    assert page.where("meta", name="description")
    assert page.where("title")[0][1].endswith("On the Record")
    assert len(page.where("h1")) == 1


def test_static_files_of_a_page_exist_and_are_small(client):
    """What the pages load is there, and all of it is under 60 KB."""
    page = Page(client.get("/").text)
    files = [attributes["href"] for attributes, _ in page.where("link")]
    files += [attributes["src"] for attributes, _ in page.where("script")]
    answers = [client.get(file) for file in files]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [answer.headers["content-type"].split(";")[0] for answer in answers] == [
        "image/svg+xml",
        "text/css",
        "text/javascript",
    ]
    assert sum(len(answer.content) for answer in answers) < 60_000


def test_an_unknown_transcript_is_a_page_here_and_a_problem_in_the_api(client):
    """Browsers get HTML, programs get problem+json; both say 404."""
    page, problem = client.get("/transcripts/none"), client.get("/v1/transcripts/none")
    assert page.status_code == problem.status_code == 404
    assert page.headers["content-type"].startswith("text/html")
    assert "The library has no transcript at this address." in page.text
    assert problem.headers["content-type"] == "application/problem+json"


def test_transcripts_are_listed_newest_first_by_year(client_of):
    """Those without a date come last; speakers and paragraphs are counted."""
    page = Page(client_of(DAM, TALKS, HOSTILE).get("/transcripts").text)
    assert [text for _, text in page.where("h2")] == ["2019", "2017", "Undated"]
    links = page.where("p", cls="list-title")
    assert [text for _, text in links][1:] == ["Talks <b>on</b> fish", "Press conference"]
    facts = [text for _, text in page.where("p", cls="list-facts")]
    assert facts[1] == "2 speakers, 5 paragraphsIvo Lund, Ana Berg"


def test_speakers_are_listed_with_the_way_to_ask_them(client):
    """Role labels such as 'Question' are no people and stand apart."""
    page = Page(client.get("/speakers").text)
    links = [
        (attributes["href"], text)
        for attributes, text in page.where("a")
        if (attributes["href"] or "").startswith("/?speaker=")
    ]
    assert links == [
        ("/?speaker=Ana%20Berg", "Ana Berg"),
        ("/?speaker=Ivo%20Lund", "Ivo Lund"),
        ("/?speaker=Question", "Question"),
    ]
    assert [text for _, text in page.where("p", cls="list-facts")] == [
        "3 turns in 2 transcripts",
        "2 turns in 1 transcript",
        "2 turns in 2 transcripts",
    ]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("", (1, [0, 1])),
        ("2", (2, [2, 3])),
        ("9", (3, [4])),
        ("0", (1, [0, 1])),
        ("²", (1, [0, 1])),
    ],
)
def test_a_long_list_has_pages(number, expected):
    """A page that is not there is the nearest one."""
    leaf = views.Leaf.of(range(5), number, 2)
    assert (leaf.number, list(leaf.items)) == expected
    assert leaf.pages == 3


def test_words_for_dates_and_counts():
    """Hand-written examples."""
    march, february = dt.date(2023, 3, 14), dt.date(2025, 2, 5)
    assert views.day(february) == "5 February 2025"
    assert views.period(march, february) == "March 2023 to February 2025"
    assert views.period(march, march) == "March 2023"
    assert views.period(None, None) == ""
    assert [views.plural(n, "finding") for n in (0, 1, 1204)] == [
        "0 findings",
        "1 finding",
        "1,204 findings",
    ]
    assert [views.clock(s) for s in (9.9, 129, 3729)] == ["0:09", "2:09", "1:02:09"]
