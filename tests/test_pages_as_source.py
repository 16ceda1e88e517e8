"""HTML pages: the article found, furniture dropped, speakers as the markup tells them."""

import datetime as dt

import pytest

from indexer.errors import TranscriptError
from indexer.formats import parse

FILL = "<p>It went on like this for quite a while, as such things do, until the evening came.</p>"


def page(body: str, head: str = "<title>Talks</title>") -> bytes:
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode()


def spoken(data: bytes) -> list[tuple[str | None, str]]:
    transcript = parse(data, "page.html").transcript
    return [
        (turn.speaker.name if turn.speaker else None, paragraph.text)
        for turn in transcript.turns
        for paragraph in turn.paragraphs
    ]


TALK = [("Ann Berg", "One."), ("Ann Berg", "Two & more."), ("Bo Lund", "Three.")]


@pytest.mark.parametrize(
    "body",
    [
        "<p><b>Ann Berg:</b> One.</p><p>Two &amp; more.</p><p><strong>Bo Lund</strong>: Three.</p>",
        "<p class=speaker>Ann Berg</p><p>One.</p><p>Two &amp; more.</p>"
        "<p class=speaker>Bo Lund</p><p>Three.</p>",
        "<div><span class='speaker-name'>Ann Berg</span> One.</div><div>Two &amp; more.</div>"
        "<div><span class='speaker-name'>Bo Lund</span> Three.</div>",
        "<dl><dt>Ann Berg</dt><dd>One.</dd><dd>Two &amp; more.</dd>"
        "<dt>Bo Lund</dt><dd>Three.</dd></dl>",
        "<cite>Ann Berg:</cite><p>One.</p><p>Two &amp; more.</p><cite>Bo Lund:</cite><p>Three.</p>",
        "<p>Ann Berg: One.</p><p>Two &amp; more.</p><p>Bo Lund: Three.</p>",
        "Ann Berg: One.<br><br>Two &amp; more.<br><br>Bo Lund: Three.",
        "<table><tr><td>Ann Berg</td><td><p>One.</p><p>Two &amp; more.</p></td></tr>"
        "<tr><td>Bo Lund</td><td>Three.</td></tr></table>",
    ],
    ids=["bold", "class", "span", "dl", "cite", "plain", "br", "table"],
)
def test_speakers_in_every_markup(body):
    """The same three paragraphs, whatever the page's habit."""
    assert spoken(page(f"<main>{body}</main>")) == TALK


def test_furniture_is_dropped_with_its_reason_and_the_article_found():
    """Navigation, asides, scripts, hidden elements and footers are no speech."""
    body = (
        "<nav><a href=/>Home</a></nav><header class=site-header>Archive</header><article>"
        "<h1>Talks on fish</h1><time datetime='2024-05-06T10:00'>6 May</time>"
        f"<p><b>Ann Berg:</b> One.</p>{FILL}<script>x = 1</script><p hidden>Secret</p>"
        "<p><b>Bo Lund:</b> Two.</p></article><aside>Ads</aside><footer>Contact</footer>"
    )
    parsed = parse(page(body, "<meta property='og:title' content='Talks'>"), "page.html")
    texts = [paragraph.text for paragraph in parsed.transcript.paragraphs()]
    assert texts[0] == "One."
    assert texts[-1] == "Two."
    assert len(texts) == 3
    assert (parsed.transcript.title, parsed.transcript.date) == ("Talks", dt.date(2024, 5, 6))
    assert parsed.transcript.language == "en"
    reasons = {dropped.text: dropped.reason for dropped in parsed.dropped}
    assert reasons["Secret"] == "not shown"
    assert {"Home", "Archive", "Ads", "Contact"} <= set(reasons)


def test_json_ld_tells_title_and_date():
    """What is deliberate comes before what is shown."""
    data = '{"@graph": [{"headline": "A debate", "datePublished": "2023-01-02"}]}'
    head = f"<script type='application/ld+json'>{data}</script><title>x</title>"
    body = "<h1>Shown</h1><p><b>Ann Berg:</b> One.</p><p><b>Bo Lund:</b> Two.</p>"
    transcript = parse(page(body, head), "page.html").transcript
    assert (transcript.title, transcript.date) == ("A debate", dt.date(2023, 1, 2))


def test_times_before_the_words_are_kept():
    """As podcasts write them."""
    body = (
        "<cite>Ann:</cite><time>0:05</time><p>One.</p>"
        "<cite>Bo:</cite><time>1:02:03</time><p>Two.</p>"
    )
    paragraphs = parse(page(body), "page.html").transcript.paragraphs()
    assert [(p.text, p.start_s) for p in paragraphs] == [("One.", 5), ("Two.", 3723)]


@pytest.mark.parametrize(
    "data",
    [
        b"<html></html>",
        page("<div id=transcript>Loading…</div><script>load()</script>"),
        b"<div>" * 100_000,
        b"<!doctype html>" + b"<b><i>" * 50_000,
        b"<!doctype html>\x01\x02<p>\x0b",
        b"<!doctype html><p>a</p><nav>b</nav>&#1;&#xFFFE;<nav>c</nav>&#2;",
    ],
    ids=["empty", "script", "deep", "inline", "control", "control by number"],
)
def test_pages_without_speech_are_an_error(data):
    """One sentence, no other exception, no stall."""
    with pytest.raises(TranscriptError):
        parse(data, "page.html", format_name="html")


def test_control_characters_do_not_hide_the_words():
    """They are no part of any page."""
    body = "<p hidden>x</p><p><b>Ann Berg:</b> O\x01ne.\x0b</p><p><b>Bo Lund:</b> Two.</p>"
    assert spoken(page(body)) == [("Ann Berg", "One."), ("Bo Lund", "Two.")]
