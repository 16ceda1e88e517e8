"""Web pages: where the article stands, what marks a speaker, what is furniture, hostile pages."""

import datetime as dt
import html as entities
import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import TranscriptError
from indexer.formats import Parsed, parse
from indexer.formats.html_marks import read_clock, take_clock
from indexer.transcript import fold

FILLER = "The fleet sailed north in spring and came home late, and nobody had seen the ice before."


def read(page: str | bytes) -> Parsed:
    data = page.encode() if isinstance(page, str) else page
    return parse(data, "talk.html", format_name="html")


def turns_of(page: str) -> list[tuple[str | None, list[str]]]:
    return [
        (turn.speaker.name if turn.speaker else None, [p.text for p in turn.paragraphs])
        for turn in read(page).transcript.turns
    ]


def page(body: str, head: str = "") -> str:
    return f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>"


TWICE = [("Ann Berg", ["Hello."]), ("Bo Lund", ["Yes."])] * 2
SYNTAXES = {
    "bold": "<p><b>{name}:</b> {text}</p>",
    "strong, colon outside": "<p><strong>{name}</strong>: {text}</p>",
    "bold in pieces": "<p><b>{first}</b> <b>{last}:</b> {text}</p>",
    "bold, no colon": "<p><b>{name}</b> {text}</p>",
    "bold and dash": "<p><b>{name}</b> – {text}</p>",
    "bold by style": '<p><span style="font-weight: 700">{name}:</span> {text}</p>',
    "bold line": "<p><b>{name}</b></p><p>{text}</p>",
    "bold, words after a break": "<p><b>{name}</b><br>{text}</p>",
    "class p": '<p class="speaker">{name}</p><p>{text}</p>',
    "class span": '<p><span class="speaker">{name}:</span> {text}</p>',
    "class span, colon outside": '<p><span class="speaker-name">{name}</span>: {text}</p>',
    "class camel case": '<div class="turn"><div class="speakerName">{name}</div>{text}</div>',
    "class BEM": '<div class="row"><h4 class="transcript__speaker">{name}</h4><p>{text}</p></div>',
    "data attribute": '<p data-speaker="{name}">{text}</p>',
    "data attribute and name": '<p data-speaker="{name}"><b>{name}:</b> {text}</p>',
    "terms": "<dl><dt>{name}</dt><dd>{text}</dd></dl>",
    "heading": "<h3>{name}</h3><p>{text}</p>",
    "cite": "<cite>{name}:</cite><time>0:05</time><p>{text}</p>",
    "cite in paragraph": "<p><cite>{name}:</cite> {text}</p>",
    "plain": "<p>{name}: {text}</p>",
    "plain in div": "<div>{name}: {text}</div>",
    "capitals": "<p>{upper}:&nbsp; {text}</p>",
    "breaks": "{name}: {text}<br><br>",
    "single breaks": "{name}: {text}<br>",
    "bold and breaks": "<b>{name}:</b> {text}<br>",
    "list": "<li><b>{name}:</b> {text}</li>",
    "time in label": "<p>{name} (<a href='https://x.org/v?t=5'>00:05</a>):<br>{text}</p>",
    "time in bold label": "<p><b>{name} [00:00:05]:</b> {text}</p>",
    "time first": "<p><span>[00:05]</span> <b>{name}:</b> {text}</p>",
    "header of a turn": "<section><header>{name}</header><p>{text}</p></section>",
}


def written(form: str, turns: list[tuple[str, str]]) -> str:
    """A page with furniture around the turns."""
    said = "\n".join(
        form.format(
            name=name,
            upper=name.upper(),
            first=name.split()[0],
            last=name.split()[1],
            text=entities.escape(text),
        )
        for name, text in turns
    )
    return page(
        "<nav><ul><li><a href=/>Home</a></ul></nav>"
        f"<div class=wrap><article><h1>A talk</h1>{said}</article>"
        "<div class=sidebar>Read our letter. Write to us.</div></div>"
        "<footer>All rights reserved.</footer>"
    )


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_speaker_is_found_however_the_page_marks_him(syntax):
    """Each turn has its speaker, and no word of the furniture."""
    turns = [(name, texts[0]) for name, texts in TWICE]
    assert turns_of(written(SYNTAXES[syntax], turns)) == TWICE


SENTENCES = st.lists(
    st.sampled_from("we met in spring & the talks <on> fish were “long” so nobody knows".split()),
    min_size=3,
    max_size=30,
).map(lambda words: " ".join(words).capitalize() + ".")


@pytest.mark.parametrize("syntax", SYNTAXES)
@given(said=st.lists(SENTENCES, min_size=3, max_size=9))
@settings(max_examples=15, deadline=None)
def test_every_word_comes_back_once_in_order_by_its_speaker(syntax, said):
    """Whatever the words and the syntax, with three who speak in turn."""
    names = ("Ann Berg", "Bo Lund", "Ivo Holm")
    turns = [(names[at % 3], text) for at, text in enumerate([*said, *["Good day."] * 6])]
    expected = [(name, [text]) for name, text in turns]
    assert turns_of(written(SYNTAXES[syntax], turns)) == expected


def test_a_table_of_names_and_words_is_turns():
    """The column of names tells the speaker, that of times the time; an empty name goes on."""
    rows = (
        "<tr><th>Time<th>Who<th>What</tr>"
        "<tr><td>0:01<td>Ann Berg<td>Hello. How are you today?</tr>"
        "<tr><td>0:05<td>Bo Lund<td>Well enough, thank you.</tr>"
        "<tr><td>0:09<td><td>And you?</tr>"
        "<tr><td>1:00:12<td>Ann Berg<td><p>Fine.</p><p>Goodbye.</p></tr>"
    )
    parsed = read(page(f"<table>{rows}</table>"))
    assert turns_of(page(f"<table>{rows}</table>")) == [
        ("Ann Berg", ["Hello. How are you today?"]),
        ("Bo Lund", ["Well enough, thank you.", "And you?"]),
        ("Ann Berg", ["Fine.", "Goodbye."]),
    ]
    assert [p.start_s for p in parsed.transcript.paragraphs()] == [1, 5, 9, 3612, None]


def test_a_table_that_only_lays_out_the_page_is_read_cell_by_cell():
    """The page's columns are no speakers."""
    menu = "".join(f"<a href=/{n}>Page {n}</a><br>" for n in range(5))
    said = "<p>ANN BERG: Hello there.</p><p>BO LUND: Yes.</p><p>ANN BERG: Well.</p>"
    body = f"<table><tr><td>{menu}</td><td>{said}</td></tr></table>"
    assert turns_of(page(body)) == [
        ("Ann Berg", ["Hello there."]),
        ("Bo Lund", ["Yes."]),
        ("Ann Berg", ["Well."]),
    ]


def test_a_podcast_transcript_without_a_page_around_it():
    """The podcast namespace's cite, time and p."""
    text = (
        "<cite>Kim:</cite>\n<time>0:00</time>\n<p>Hello &amp; welcome.</p>\n"
        "<cite>Lee :</cite>\n<time>1:09</time>\n<p>It&#39;s good to be here.</p>\n"
    )
    assert turns_of(text) == [("Kim", ["Hello & welcome."]), ("Lee", ["It's good to be here."])]
    assert [p.start_s for p in read(text).transcript.paragraphs()] == [0, 69]


def test_names_that_no_person_has_stay_unnamed_and_apart():
    """'SPEAKER_00' and 'host' are nobody's names, and yet two speakers."""
    body = (
        '<p class="speaker">SPEAKER_00</p><p>Hello.</p><p class="speaker">host</p><p>Yes.</p>'
        '<p class="speaker">SPEAKER_00</p><p>Bye.</p>'
    )
    turns = read(page(body)).transcript.turns
    assert [(t.speaker.name, t.speaker.named) for t in turns if t.speaker] == [
        ("SPEAKER_00", False),
        ("host", False),
        ("SPEAKER_00", False),
    ]


def test_a_speaker_marked_once_is_believed():
    """A class says more than how often a name comes; a long name is still one."""
    body = (
        '<p class="speaker">Under Secretary of State Victoria Anna Maria Berg</p><p>Hello.</p>'
        '<p class="speaker">Bo Lund</p><p>Yes.</p><p>Bottom line: no.</p>'
    )
    assert turns_of(page(body))[1:] == [("Bo Lund", ["Yes.", "Bottom line: no."])]
    assert len(turns_of(page(body))) == 2


def test_the_office_beside_a_name_is_not_spoken():
    """What a class calls the speaker's title is dropped, and said to be."""
    turn = (
        '<div><span class="speaker">{}</span><span class="speaker-title">{}</span><p>{}</p></div>'
    )
    body = turn.format("Ann Berg", "Minister", "Hello.") + turn.format("Bo Lund", "Host", "Yes.")
    parsed = read(page(body))
    assert [p.text for p in parsed.transcript.paragraphs()] == ["Hello.", "Yes."]
    assert [(d.text, d.reason) for d in parsed.dropped] == [
        ("Minister", "about the speaker"),
        ("Host", "about the speaker"),
    ]


def test_a_note_behind_a_name_belongs_to_the_label():
    """'<b>Ann Berg</b> (North): words' has its colon behind the note."""
    body = "<p><b>Ann Berg</b> (North): Hello.</p><p><b>Bo Lund</b> (South): Yes.</p>"
    assert turns_of(page(body)) == [("Ann Berg", ["Hello."]), ("Bo Lund", ["Yes."])]


@pytest.mark.parametrize(
    "words",
    [
        "I read <cite>The Times</cite> that day.",
        "<cite>Moby Dick</cite> is long.",
        "<b>Nobody</b> came, and <b>nobody</b> called.",
        "<b>Bottom line:</b> we stayed.",
        "He said: <i>Ann Berg:</i> and stopped.",
    ],
)
def test_emphasis_and_titles_in_running_text_are_words(words):
    """A cited book is no speaker, nor is a word in bold."""
    body = f"<p><b>Ann Berg:</b> Hello.</p><p>{words}</p>" * 2 + "<p><b>Bo Lund:</b> Yes.</p>" * 2
    plain = words.replace("<", "\0<").replace(">", ">\0").split("\0")
    said = "".join(part for part in plain if not part.startswith("<"))
    assert turns_of(page(body))[0] == ("Ann Berg", ["Hello.", said, "Hello.", said])


def test_questions_in_bold_without_names_are_questions_of_nobody():
    """Whose words they are is not told, but which ask and what answers them is."""
    body = (
        "<p>The boats came in late this year, as everybody on the coast knows by now.</p>"
        "<p><strong>How did it begin?</strong></p><p>With ice.</p><p>Much of it.</p>"
        "<p><strong>And then?</strong></p><p>We waited.</p>"
    )
    turns = read(page(body)).transcript.turns
    assert [(t.speaker, t.role.value, t.answers, t.text) for t in turns[1:]] == [
        (None, "question", None, "How did it begin?"),
        (None, "answer", 2, "With ice. Much of it."),
        (None, "question", None, "And then?"),
        (None, "answer", 4, "We waited."),
    ]


def test_a_question_in_a_heading_is_spoken_without_its_markup():
    """Only the words of the heading are said."""
    body = f"<h1>A talk</h1><h3>What came first?</h3><p>{FILLER}</p><h3>And then?</h3><p>{FILLER}"
    assert [text for _, texts in turns_of(page(body)) for text in texts] == [
        "What came first?",
        FILLER,
        "And then?",
        FILLER,
    ]


SAID = "<p>ANN BERG: Hello.</p><p>BO LUND: Yes.</p><p>ANN BERG: Thank you.</p>"


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav>Home. About us.</nav>",
        "<header>The Coast. Our paper.</header>",
        "<footer>All rights reserved.</footer>",
        "<aside>Read more.</aside>",
        "<form>Your mail. <input value=x> <button>Send.</button></form>",
        "<script>var a = 'words.';</script>",
        "<style>p { content: 'words.' }</style>",
        "<noscript>Turn it on.</noscript>",
        "<template>Words.</template>",
        "<!-- <p>BO LUND: Hidden.</p> -->",
        "<div hidden>Hidden.</div>",
        '<div style="display: none">Hidden.</div>',
        '<div aria-hidden="true">Hidden.</div>',
        '<p class="sr-only">Hidden.</p>',
        '<div class="share-buttons">Share it.</div>',
        '<div class="related-posts">Read also.</div>',
        '<section id="comments"><p>BO LUND: I never said so! A reader.</p></section>',
        '<div role="navigation">Home.</div>',
        "<ul><li><a href=/a>One.</a><li><a href=/b>Two.</a><li><a href=/c>Three.</a></ul>",
        "<select><option>Choose.</select>",
        "<textarea>Write.</textarea>",
        "<svg><title>Icon.</title><text>Drawn.</text></svg>",
        "<iframe>No frames.</iframe>",
        "<figure><img alt='Boats.'><figcaption>The boats.</figcaption></figure>",
        '<blockquote class="pullquote">Hello.</blockquote>',
    ],
)
@pytest.mark.parametrize("place", ["{0}<div>{1}</div>", "<div>{1}</div>{0}", "<div>{1}{0}</div>"])
def test_furniture_is_not_speech(furniture, place):
    """Before, after or beneath the speech."""
    more = "".join(f"<p>BO LUND: {FILLER}</p>" for _ in range(3))
    body = place.format(furniture, SAID + more)
    assert turns_of(page(body)) == [
        ("Ann Berg", ["Hello."]),
        ("Bo Lund", ["Yes."]),
        ("Ann Berg", ["Thank you."]),
        ("Bo Lund", [FILLER] * 3),
    ]


def test_what_stands_beside_the_article_is_dropped_with_its_reason():
    """Nothing is left out in silence but what is not shown."""
    parsed = read(
        page(
            '<div>Site of the coast</div><nav>Home</nav><div class="content">'
            f"<p>ANN BERG: {FILLER}</p><p>BO LUND: Yes.</p><p>ANN BERG: No.</p></div>"
            "<div>All rights reserved.</div><script>x()</script>"
        )
    )
    assert [(d.text, d.reason) for d in parsed.dropped] == [
        ("Site of the coast", "beside the article"),
        ("Home", "page furniture"),
        ("All rights reserved.", "beside the article"),
    ]


@pytest.mark.parametrize(
    "wrapper",
    [
        "<form action=/x>{}</form>",
        '<div class="transcript" style="display:none">{}</div>',
        "<details><summary>Transcript</summary>{}</details>",
        '<body class="has-sidebar comments-open">{}',
        '<main class="page-with-menu"><article>{}</article></main>',
    ],
)
def test_what_holds_most_of_the_words_is_no_furniture(wrapper):
    """Old pages are one form; transcripts are folded away behind a button."""
    assert turns_of(wrapper.format(SAID))[0] == ("Ann Berg", ["Hello."])


def test_a_part_marked_as_the_transcript_is_all_that_is_read():
    """Show notes around it are not spoken."""
    notes = "<p>In this episode we talk of fish. Follow us and write to us, we read it all.</p>"
    said = "".join(f"<p>ANN BERG: {FILLER}</p><p>BO LUND: Yes.</p>" for _ in range(2))
    body = f'<article>{notes}<div id="transcript">{said}</div>{notes}</article>'
    assert turns_of(page(body)) == [("Ann Berg", [FILLER]), ("Bo Lund", ["Yes."])] * 2


def test_turns_that_are_marked_one_by_one_keep_what_stands_between():
    """Where each line has the class, the place that holds them all is read."""
    line = '<h4>{}</h4><div class="transcript-line">{}</div>'
    body = "".join(line.format(name, texts[0]) for name, texts in TWICE)
    assert turns_of(page(f"<nav>Home</nav><div>{body}</div>")) == TWICE


def test_a_question_beside_a_long_answer_is_not_left_out():
    """The heaviest child is the article only if nobody speaks beside it."""
    body = (
        f"<div class=q>Ann Berg: What came?</div><div class=a>Bo Lund: {FILLER * 4}</div>"
        "<div class=q>Ann Berg: Thank you.</div>"
    )
    assert [speaker for speaker, _ in turns_of(page(body))] == ["Ann Berg", "Bo Lund", "Ann Berg"]


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("<title>A talk | The Coast</title>", "<h1>A talk</h1>", "A talk"),
        ("<title>A talk</title>", "", "A talk"),
        ('<meta property="og:title" content="A &amp; B talk"><title>x</title>', "", "A & B talk"),
        (
            "<meta property=og:title content='A talk - T'><meta property=og:site_name content=T>",
            "",
            "A talk",
        ),
        (
            '<script type="application/ld+json">{"@type":"Article","headline":"A talk"}</script>',
            "",
            "A talk",
        ),
    ],
)
def test_titles(head, body, title):
    """JSON-LD before Open Graph before the page's own; the site's name comes off."""
    assert read(page(body + SAID, head)).transcript.title == title


DESCRIPTION = {
    "@graph": [
        {"@type": "WebSite", "name": "The Coast", "datePublished": "1999-01-01"},
        {"@type": ["Thing", "Article"], "headline": "A talk", "datePublished": "2024-03-05T10:00Z"},
    ]
}


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (f'<script type="application/ld+json">{json.dumps(DESCRIPTION)}</script>', ""),
        ('<meta property="article:published_time" content="2024-03-05T23:30:00+01:00">', ""),
        ('<meta name="DC.Date" content="2024-03-05">', ""),
        ("", '<time datetime="2024-03-05">5.3.</time>'),
        ("", "<header><h1>A talk</h1> 5 March 2024</header>"),
        ("", "<div>March 5, 2024</div>"),
        ("<title>A talk, 5 March 2024</title>", ""),
    ],
)
def test_dates(head, body):
    """From what the page declares, else from a date line."""
    said = "".join(f"<p>ANN BERG: {FILLER}</p><p>BO LUND: Yes.</p>" for _ in range(3))
    parsed = read(page(f"{body}<div>{said}</div>", head))
    assert parsed.transcript.date == dt.date(2024, 3, 5)


@pytest.mark.parametrize("bad", ["{", "[" * 100_000, "null", '"x"', "[[[]]]", '{"@type": 7}'])
def test_broken_descriptions_tell_nothing(bad):
    """JSON-LD that is none is passed over."""
    parsed = read(page(SAID, f'<script type="application/ld+json">{bad}</script>'))
    assert parsed.transcript.title == "talk"


def test_the_language_is_that_of_the_article():
    """Nearest first."""
    said = f"<div lang=de-AT>{SAID}</div>"
    assert read(page(said)).transcript.language == "de-AT"
    assert read(page(SAID)).transcript.language == "en"


def test_two_breaks_end_a_paragraph_and_one_does_not():
    """As a reader sees it."""
    body = "<p><b>Ann Berg:</b> One<br>two.<br><br>Three.</p><p><b>Bo Lund:</b> Yes.</p>"
    assert turns_of(page(body))[0] == ("Ann Berg", ["One two.", "Three."])


def test_preformatted_text_is_read_as_plain_text():
    """Its lines are its own: labels begin them, blank ones part paragraphs."""
    text = "ANN BERG:  We met\nin spring.\n\nBO LUND:  Yes &lt;so&gt;.\n\nANN BERG:  No.\n"
    assert turns_of(page(f"<pre>{text}</pre>")) == [
        ("Ann Berg", ["We met in spring."]),
        ("Bo Lund", ["Yes <so>."]),
        ("Ann Berg", ["No."]),
    ]


def test_entities_and_invisible_characters():
    """Entities are decoded, soft hyphens are layout, note marks are not spoken."""
    words = "caf&eacute; &#8220;q&#8221; &amp;lt; tran&shy;script<sup><a href=#n1>1</a></sup>."
    body = SAID.replace("Hello.", words)
    assert turns_of(page(body))[0] == ("Ann Berg", ["café “q” &lt; transcript."])


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("iso-8859-1", "cp1252"), ("windows-1251", "cp1251"), ("utf-8", "utf-8"), ("", "utf-8")],
)
def test_a_declared_encoding_is_read(declared, codec):
    """What is not UTF-8 is read as the page says; Latin-1 means Windows' encoding."""
    word = "Привет" if codec == "cp1251" else "café – naïve"
    text = page(SAID.replace("Hello", word), f'<meta charset="{declared}">' if declared else "")
    assert read(text.encode(codec)).transcript.turns[0].text == f"{word}."


@pytest.mark.parametrize("declared", ["rot13", "unicode_escape", "nonsense", "undefined"])
def test_an_encoding_that_is_none_is_guessed(declared):
    """Codecs that are no encodings are not run."""
    data = page(SAID.replace("Hello", "café"), f"<meta charset={declared}>").encode("cp1252")
    assert read(data).transcript.turns[0].text.startswith("caf")


def test_lines_are_those_of_the_page():
    """Paragraphs and what was dropped say where they stand."""
    parsed = read(page(f"<nav>Home</nav>\n<div>\n<p>\n(Laughter.)</p>\n{SAID}</div>"))
    assert [(d.line, d.text) for d in parsed.dropped] == [(1, "Home"), (4, "(Laughter.)")]


def test_times_that_run_backwards_are_left_out_with_a_warning():
    """The words stay."""
    turn = "<p><b>{}:</b> <time>{}</time> {}</p>"
    body = "".join(
        turn.format(name, time, text)
        for name, time, text in (
            ("Ann Berg", "0:10", "One."),
            ("Bo Lund", "0:05", "Two."),
            ("Ann Berg", "0:20", "Three."),
            ("Bo Lund", "0:30", "Four."),
        )
    )
    parsed = read(page(body.replace("<b>", "").replace(":</b>", ":")))
    texts = [(p.text, p.start_s) for p in parsed.transcript.paragraphs()]
    assert [text for text, _ in texts] == ["One.", "Two.", "Three.", "Four."]
    starts = [start for _, start in texts if start is not None]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0:05", 5), ("[01:02:03]", 3723), ("(1:02.5)", 62.5), ("0:05 – 0:09", 5), ("at 0:05", None)],
)
def test_clocks(text, seconds):
    """A text that is a time and nothing else."""
    assert read_clock(text) == seconds


@pytest.mark.parametrize(
    ("text", "rest", "seconds"),
    [
        ("[0:05] Hello.", "Hello.", 5),
        ("Ann Berg (0:05): Hello.", "Ann Berg: Hello.", 5),
        ("We met (0:05) there.", "We met (0:05) there.", None),
        ("John 3:16 says so.", "John 3:16 says so.", None),
    ],
)
def test_only_a_time_at_the_front_or_in_a_label_is_taken_off(text, rest, seconds):
    """Times within the words are words."""
    assert take_clock(text) == (rest, seconds)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "understood|no speech|nothing"),
        ("<p>Page not found.</p>", "no speech on it: 3 words, and nobody named"),
        ("<div id=root></div><script>run()</script>", "a script loads it"),
        (
            f"<p>{FILLER * 3}</p><div id=transcript>Loading…</div><script src=x.js></script>",
            "a script loads it",
        ),
    ],
)
def test_a_page_without_speech_is_an_error_that_says_so(body, reason):
    """Notices and empty shells of pages are not taken for speech."""
    with pytest.raises(TranscriptError, match=reason):
        read(page(body))


@pytest.mark.parametrize(
    ("hostile", "reason"),
    [
        ("<div>" * 100_000 + SAID, "nested over 2000 deep"),
        ("<b>" * 100_000 + "x" + "</b>" * 100_000, "nested over 2000 deep"),
        ("<p>a" * 600_000, "over 500,000 tags"),
        ("<" * 5_000_000, "over 500,000 tags"),
        ("<!--" * 100_000, "nothing on the page|no speech"),
    ],
    ids=["deep", "deep inline", "many tags", "angle brackets", "comment"],
)
def test_hostile_pages_are_refused(hostile, reason):
    """With the reason, before time or memory run out."""
    with pytest.raises(TranscriptError, match=reason):
        read(hostile)


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 1900 + "</p>" * 100_000,
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">",
        "<p " + "a=1 " * 250_000 + ">",
        "<p class='" + "speaker " * 100_000 + "'>x</p>",
        "<p class=speaker>" * 100_000 + "x",
        "<cite>a" * 1900 + "</cite>" * 1900 + "<p>x",
        ("<cite>Ann:</cite>" + " <!-- -->" * 3) * 30_000,
        "<table><tr><td>" * 600 + "x",
        "<table>" + "<tr><td>Ann<td>x" * 30_000 + "</table>",
        "<dl>" + "<dt>Ann<dd>x" * 40_000,
        "<b>Ann:</b> x. " * 40_000,
        "<br>" * 100_000,
        "<p>" + "a<br>" * 60_000,
        "<i>" + " " * 750_000,
        "<p>" + "(" * 750_000,
        "<p>" + "[0:0" * 250_000,
        "<p>" + "1:11 " * 250_000,
        "&" * 450_000,
        "<a href=/x>y</a> " * 40_000,
        '<div class="transcript-line">' * 1900 + '<i class="transcript">x</i>' * 40_000,
        "<span class=transcript>x</span><div>" * 1900 + "<p class=transcript>y" * 40_000,
        "<pre>" + "A: b\n" * 100_000,
        "<div style='" + "display :" * 100_000 + "'>x",
        "<time>" + "1" * 750_000,
        "<p><b>" + "A." * 250_000 + "</b>:",
    ],
    ids=lambda text: fold(text[:24]),
)
def test_hostile_pages_do_not_stall(hostile):
    """Made against the parser are read or refused like any other page.

    No clock is asserted: a stall would hang here.
    """
    with suppress(TranscriptError):
        read(hostile)


@given(data=st.binary(min_size=1, max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_transcript_or_a_clear_error(data):
    """Whatever the bytes, there is no other exception than ours."""
    with suppress(TranscriptError):
        read(data)


TAGS = (
    "p div b i br table tr td dl dt dd cite time span h1 li ul pre section article header nav form "
    "script style title svg sup a".split()
)
SOUP = st.lists(
    st.one_of(
        st.sampled_from([f"<{tag}>" for tag in TAGS]),
        st.sampled_from([f"</{tag}>" for tag in TAGS]),
        st.sampled_from(['<p class="speaker">', '<p data-speaker="Bo Lund">', "<div hidden>"]),
        st.sampled_from(
            ["Ann Berg:", "Ann Berg", "0:05", "[0:05]", "words.", "&nbsp;", "\n", "<", "&"]
        ),
    ),
    max_size=60,
)


@given(soup=SOUP)
@settings(max_examples=400, deadline=None)
def test_any_soup_of_tags_is_a_transcript_or_a_clear_error(soup):
    """However broken the markup; times never run backwards."""
    with suppress(TranscriptError):
        starts = [p.start_s for p in read(" ".join(soup)).transcript.paragraphs()]
        told = [start for start in starts if start is not None]
        assert told == sorted(told)


BLOCKS = st.lists(
    st.tuples(
        st.sampled_from(["p", "div", "li", "h2", "blockquote", "nav", "aside", "td", "section"]),
        st.integers(0, 9999).map(lambda n: f"w{n}"),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda block: block[1],
)


@given(blocks=BLOCKS)
@settings(max_examples=200, deadline=None)
def test_no_word_is_lost_or_doubled(blocks):
    """What is on the page is spoken or dropped, once, wherever it stands."""
    body = "".join(f"<{tag}>{word} said so.</{tag}>" for tag, word in blocks)
    with suppress(TranscriptError):
        parsed = read(page(f"<div>{body}</div><div>{SAID}{FILLER}</div>"))
        texts = [p.text for p in parsed.transcript.paragraphs()] + [d.text for d in parsed.dropped]
        texts.append(parsed.transcript.title)
        found = sorted(word for text in texts for word in text.split() if word[1:].isdigit())
        assert found == sorted(word for _, word in blocks)
