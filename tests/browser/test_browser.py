"""The pages in a real browser: the keyboard, the way to the place and back, no script, a phone."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, expect, sync_playwright

from indexer.library import Library
from indexer.search import Searcher
from service.answer import Answerer
from service.app import create_app
from tests.conftest import DAM
from tests.fakes import FakeEmbedder, add, transcript
from tests.judging import SharedWord

CHROMIUM = Path("/usr/bin/chromium")
ARGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists(), reason=f"{CHROMIUM} is not here: apt-get install chromium"
)
FILLER = [f"Ana Berg! Paragraph {n} is about the weather in the harbour." for n in range(60)]
LONG = transcript(
    "long",
    *FILLER,
    "Question: Where did the trawler sink?",
    "Ivo Lund: 🐟🐟 Well, thank you. The trawler sank off the northern lighthouse. Next one.",
    *FILLER,
    title="A long night",
)
SHIPS = "Eva Holm: The lighthouse keeper has counted every single ship that passed last night."
TWICE = [transcript(id_, SHIPS, title=f"<i>{id_}") for id_ in ("first", "second")]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[str]:
    """The address of the service, over a library of a long and a hostile transcript."""
    folder = tmp_path_factory.mktemp("browser") / "library"

    @contextmanager
    def opening() -> Iterator[Answerer]:
        with Library.open(folder, create=True) as library:
            for document in (LONG, DAM, *TWICE):
                add(library, document, FakeEmbedder())
            yield Answerer(Searcher(library, FakeEmbedder()), SharedWord())

    config = uvicorn.Config(create_app(opening), port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    with config.bind_socket() as socket:
        # The browser may come before the library is open, and then waits.
        socket.listen()
        thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        yield browser
        browser.close()


@contextmanager
def open_page(browser: Browser, errors: list[str], **options) -> Iterator[Page]:
    with browser.new_context(**options) as context:
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("console", lambda message: errors.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("dialog", lambda dialog: (errors.append(dialog.message), dialog.dismiss()))
        yield page


@pytest.fixture
def errors() -> Iterator[list[str]]:
    """What the browser complained of; nothing, if a test does not take it out."""
    told: list[str] = []
    yield told
    assert told == []


@pytest.fixture
def page(browser, errors) -> Iterator[Page]:
    with open_page(browser, errors) as page:
        yield page


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")


def test_ask_with_the_keyboard_read_in_place_and_come_back(page, site):
    """Enter asks; the link shows the marked sentence in view; back shows the findings again."""
    page.goto(site)
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("trawler sank lighthouse")
    page.keyboard.press("Enter")
    finding = page.locator(".finding").first
    expect(finding.locator("mark")).to_have_text("The trawler sank off the northern lighthouse.")
    expect(finding.locator(".quote")).to_have_text(LONG.turns[61].text)
    expect(finding.locator(".asked")).to_have_text("Asked: Where did the trawler sink?")
    expect(page.get_by_role("status")).to_have_text("5 findings")
    expect(page).to_have_url(f"{site}/?q=trawler+sank+lighthouse")
    finding.get_by_role("link", name="Read in place").click()
    expect(page).to_have_url(f"{site}/transcripts/long?p=62&start=20&end=65#p62")
    expect(page.locator("mark")).to_have_text("The trawler sank off the northern lighthouse.")
    expect(page.locator("mark")).to_be_in_viewport(ratio=1)
    page.go_back()
    expect(page.locator(".bubble")).to_have_text("trawler sank lighthouse")
    expect(page.locator(".finding")).to_have_count(5)


def test_script_and_server_show_the_same_findings(page, site):
    """What the script appends has the words and links that the server renders."""

    def shown() -> list[tuple[str, list[str | None]]]:
        return [
            (
                " ".join(finding.inner_text().split()),
                [link.get_attribute("href") for link in finding.get_by_role("link").all()],
            )
            for finding in page.locator(".finding").all()
        ]

    page.goto(site)
    ask(page, "Who pays for the repair?")
    expect(page.locator(".finding")).to_have_count(5)
    by_script = shown()
    page.reload()
    expect(page.locator(".finding")).to_have_count(5)
    assert shown() == by_script


def test_questions_make_a_conversation_and_back_goes_through_it(page, site):
    """The newest is last, and the address follows."""
    page.goto(site)
    ask(page, "trawler")
    expect(page.locator(".count")).to_have_count(1)
    ask(page, "dam repair")
    expect(page.locator(".count")).to_have_count(2)
    expect(page.locator(".bubble")).to_have_text(["trawler", "dam repair"])
    expect(page.locator(".bubble").last).to_be_in_viewport()
    page.go_back()
    expect(page).to_have_url(f"{site}/?q=trawler")
    expect(page.locator(".bubble").first).to_be_in_viewport()
    page.go_back()
    expect(page).to_have_url(f"{site}/")
    expect(page.locator(".holdings")).to_be_visible()


def test_filters_go_with_the_question(page, site):
    """A narrowed question finds only what it may, says so, and keeps the filter in the address."""
    page.goto(site)
    page.locator("summary").click()
    page.get_by_label("Speaker").fill("Ivo Lund")
    ask(page, "trawler")
    expect(page.locator(".finding .speaker")).to_have_text(["Ivo Lund"])
    expect(page.locator(".asking-scope")).to_have_text("Ivo Lund")
    expect(page).to_have_url(f"{site}/?q=trawler&speaker=Ivo+Lund")
    page.get_by_role("button", name="Edit question").click()
    expect(page.get_by_label("Your question")).to_have_value("trawler")


def test_no_result_is_told_with_a_way_on(page, site):
    """Limits that allow nothing are no error."""
    page.goto(f"{site}/?from=2030-01-01")
    ask(page, "trawler")
    expect(page.locator(".notice-head")).to_contain_text("Nobody says so in those dates;")
    expect(page.get_by_role("status")).to_contain_text("Nobody says so in those dates;")
    page.get_by_role("link", name="Ask without the dates").click()
    expect(page.locator(".finding")).to_have_count(5)


def test_script_and_server_show_the_same_answer(page, site):
    """Of a sure answer and of none: banner, confidence, suggestions, other places, muted or not."""

    def shown() -> list[str]:
        answer = page.locator(".answer")
        links = [one.get_attribute("href") for one in answer.get_by_role("link").all()]
        titles = [one.get_attribute("title") for one in answer.locator("[title]").all()]
        lists = [one.get_attribute("class") for one in answer.locator("ol").all()]
        return [" ".join(answer.inner_text().split()), *links, *titles, *lists]

    for path, expected in (
        ("/?q=What+did+Lund+say+of+the+trawler+in+June+2017", "5 findings likely Only Ivo Lund"),
        ("/?q=lighthouse+keeper+counted+ships", "Also in 1 other place"),
        ("/?q=whale", "Nobody in these transcripts says so. Nearest passages"),
        ("/?q=weather&speaker=Ivo+Lund&to=2020-01-01", "Ask without the speaker"),
        ("/?q=whale&speaker=Ivo+Lund", "Ask the whole library"),
    ):
        page.goto(site + path)
        by_server = shown()
        assert expected in by_server[0]
        page.get_by_role("button", name="Edit question").click()
        page.evaluate("document.querySelector('.exchange').remove()")
        page.keyboard.press("Enter")
        expect(page.locator(".answer:not([aria-busy]) .finding").first).to_be_visible()
        assert shown() == by_server


def test_a_citation_is_copied_whole(browser, errors, site):
    """Quote, speaker, title, date and paragraph are in the clipboard."""
    allowed = ["clipboard-read", "clipboard-write"]
    with open_page(browser, errors, permissions=allowed) as page:
        page.goto(f"{site}/?q=trawler&speaker=Ivo+Lund")
        page.get_by_role("button", name="Copy citation").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
    quote = LONG.turns[61].text
    assert copied == f"“{quote}” — Ivo Lund, A long night, 16 June 2017, ¶62"


def test_a_lost_service_is_told_and_tried_again(page, site, errors):
    """The question is not lost with the network."""
    page.goto(site)
    page.route("**/v1/ask", lambda route: route.abort())
    ask(page, "trawler")
    expect(page.locator(".detail")).to_contain_text("cannot be reached")
    page.unroute("**/v1/ask")
    page.get_by_role("link", name="Retry").click()
    expect(page.locator(".finding")).to_have_count(5)
    assert len(errors) == 1
    assert "ERR_FAILED" in errors.pop()


def test_a_problem_of_the_api_is_told_in_its_words(page, site, errors):
    """The detail of problem+json is shown."""
    page.goto(f"{site}/?speaker=Ivo")
    ask(page, "trawler")
    expect(page.locator(".detail")).to_contain_text("did you mean Ivo Lund?")
    assert len(errors) == 1
    assert "404" in errors.pop()


def test_without_script_everything_works(browser, errors, site):
    """The same form, findings and links, from the server."""
    with open_page(browser, errors, java_script_enabled=False) as page:
        page.goto(site)
        ask(page, "trawler sank lighthouse")
        expect(page.locator(".finding")).to_have_count(5)
        expect(page.get_by_role("button", name="Copy citation")).to_have_count(0)
        page.get_by_role("link", name="Read in place").first.click()
        expect(page.locator("mark")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    "path",
    ["/", "/?q=trawler&from=2017-01-01", "/transcripts", "/transcripts/long", "/speakers"],
)
def test_a_narrow_phone_never_scrolls_sideways(browser, errors, site, path):
    """320 pixels are enough, also with the filters open."""
    with open_page(browser, errors, viewport={"width": 320, "height": 640}) as page:
        page.goto(site + path)
        if page.locator("summary").count():
            page.locator("summary").click()
        assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_a_script_in_a_transcript_stays_text(page, site):
    """On the transcript's page and in a finding that the script sets."""
    page.goto(f"{site}/transcripts/dam")
    expect(page.locator("#p1")).to_contain_text("<script>alert(1)</script>")
    page.goto(site)
    ask(page, "what the sign says")
    expect(page.locator(".finding").first).to_contain_text("<script>alert(1)</script>")
    assert page.locator("article script, .finding script").count() == 0
