"""TEI, Hansard, Akoma Ntoso and OHMS: who speaks, what is kept apart, and input that means harm."""

from itertools import pairwise
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import TranscriptError
from indexer.formats import parse
from indexer.formats.xmltree import MAX_DEPTH, xml_format

TEI = """<?xml version="1.0" encoding="utf-8"?>
<TEI xmlns="http://www.tei-c.org/ns/1.0" xml:lang="cs">
<teiHeader>
 <fileDesc>
  <titleStmt>
   <title type="main" xml:lang="en">Sitting 7</title>
   <title type="main" xml:lang="cs">Schůze 7</title>
   <title type="sub" xml:lang="cs">druhý den</title>
  </titleStmt>
  <publicationStmt><date when="2021-01-01"/></publicationStmt>
  <sourceDesc><bibl><date when="2019-03-05">5. 3.</date></bibl></sourceDesc>
 </fileDesc>
 <profileDesc><particDesc><listPerson>{persons}</listPerson></particDesc></profileDesc>
</teiHeader>
<text><body><div>
 <head>Otázky</head>
 {body}
</div></body></text></TEI>"""
PERSONS = (
    '<person xml:id="AN"><persName><surname>Nováková</surname><forename>Anna</forename></persName>'
    "<persName>Jiná</persName></person>"
)
OHMS = """<?xml version="1.0" encoding="UTF-8"?>
<ROOT xmlns="https://www.weareavp.com/nunncenter/ohms"><record id="1">
<title>Oral history interview with Ada Lund</title>
<date value="1999-05-04"/><duration>0:04:10</duration><language>English</language>
{fields}
<index><point><time>0</time><title>Childhood</title><synopsis>Not said.</synopsis></point></index>
</record></ROOT>"""


def tei(body, persons=""):
    return parse(TEI.format(body=body, persons=persons).encode(), "s.xml", format_name="tei")


def hansard(text):
    return parse(text.encode(), "h.xml", format_name="hansard")


def ohms(fields):
    return parse(OHMS.format(fields=fields).encode(), "o.xml", format_name="ohms")


def spoken(parsed):
    """Speaker, role and words of each turn."""
    return [
        (turn.speaker.name if turn.speaker else None, turn.role.value, turn.text)
        for turn in parsed.transcript.turns
    ]


def apart(parsed):
    return [(dropped.reason, dropped.text) for dropped in parsed.dropped]


# What XML may not do ------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
HARMFUL = {
    "laughs": f'<!DOCTYPE TEI [<!ENTITY l0 "haha">{LAUGHS}]><TEI><text>&l9;</text></TEI>',
    "blowup": f'<!DOCTYPE TEI [<!ENTITY a "{"a" * 50_000}">]><TEI>{"&a;" * 50_000}</TEI>',
    "file": '<!DOCTYPE TEI [<!ENTITY x SYSTEM "file:///etc/passwd">]><TEI><text>&x;</text></TEI>',
    "network": '<!DOCTYPE TEI [<!ENTITY x SYSTEM "http://127.0.0.1:9/">]><TEI>&x;</TEI>',
}


@pytest.mark.parametrize("harm", HARMFUL)
@pytest.mark.parametrize("name", ["tei", "hansard", "ohms"])
def test_entities_that_could_grow_or_fetch_are_refused(name, harm):
    """Billion laughs, quadratic blowup, files and network: an error with the file's name."""
    with pytest.raises(TranscriptError, match=r"bad\.xml:1: .*the entity '(l1|a|x)'"):
        parse(HARMFUL[harm].encode(), "bad.xml", format_name=name)


def test_a_default_attribute_is_not_repeated_with_every_tag():
    """A DTD may not make each tag of a file carry a megabyte."""
    dtd = f'<!DOCTYPE TEI [<!ATTLIST u who CDATA "{"x" * 10_000}">]>'
    body = "<u><seg>Dobrý den.</seg></u>" * 3
    parsed = parse(f"{dtd}<TEI><text>{body}</text></TEI>".encode(), "s.xml", format_name="tei")
    assert [turn.speaker for turn in parsed.transcript.turns] == [None] * 3


def test_entities_for_a_character_are_read():
    """As Hansard declares them; and those of HTML, where the DTD is in another file."""
    dtd = '<!DOCTYPE publicwhip [<!ENTITY mdash "&#8212;"><!ENTITY amp "&#38;#38;">]>'
    speech = '<publicwhip><speech speakername="Ada Lund"><p>Yes&mdash;A&amp;B.</p></speech>'
    assert hansard(f"{dtd}{speech}</publicwhip>").transcript.turns[0].text == "Yes—A&B."
    beside = '<!DOCTYPE publicwhip SYSTEM "http://127.0.0.1:9/none.dtd">'
    assert hansard(f"{beside}{speech}</publicwhip>").transcript.turns[0].text == "Yes—A&B."
    unknown = f"{beside}{speech}</publicwhip>".replace("mdash", "nosuch")
    with pytest.raises(TranscriptError, match=r"h\.xml:1: uses the entity 'nosuch'"):
        hansard(unknown)


@pytest.mark.parametrize("name", ["tei", "hansard", "ohms"])
def test_tags_nested_without_end_are_refused(name):
    """A hundred thousand deep neither crashes nor takes the stack."""
    deep = b"<TEI>" + b"<div>" * 100_000 + b"</div>" * 100_000 + b"</TEI>"
    with pytest.raises(TranscriptError, match=f"nests tags more than {MAX_DEPTH} deep"):
        parse(deep, "deep.xml", format_name=name)


def test_tags_nested_deep_are_read():
    """Nine hundred divisions are odd, but no harm."""
    deep = "<div>" * 900 + '<u who="#AN"><seg>Ano.</seg></u>' + "</div>" * 900
    assert spoken(tei(deep, PERSONS)) == [("Anna Nováková", "statement", "Ano.")]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("<TEI>\n<text>\n</TEI>", 3, "mismatched tag"),
        ("<TEI>\n<text>\x0b</text></TEI>", 2, "not well-formed"),
        ("<TEI>\n<text>&nbsp;</text></TEI>", 2, "undefined entity"),
        ('<?xml version="1.0" encoding="klingon"?><TEI/>', 1, "encoding"),
        ("<!-- nothing -->", 1, "no element found"),
    ],
)
def test_what_is_not_xml_is_named_with_its_line(text, line, reason):
    """One clear sentence, never another exception."""
    with pytest.raises(TranscriptError, match=rf"^x\.xml:{line}: .*{reason}"):
        parse(text.encode(), "x.xml", format_name="tei")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-2"])
def test_declared_and_marked_encodings_are_read(encoding):
    """As the XML declaration or the mark says."""
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    text = TEI.format(body='<u who="#AN"><seg>Šťastně.</seg></u>', persons=PERSONS)
    data = text.replace('encoding="utf-8"', f'encoding="{declared}"').encode(encoding)
    assert spoken(parse(data, "s.xml")) == [("Anna Nováková", "statement", "Šťastně.")]


def test_a_file_that_is_not_quite_utf8_is_read_with_a_warning():
    """One broken character loses no other word."""
    data = TEI.format(body="<u><seg>Dobrý den, pane.</seg></u>" + " " * 3000, persons="").encode()
    parsed = parse(data.replace("ý".encode(), b"\xfd"), "s.xml", format_name="tei")
    assert parsed.transcript.turns[0].text == "Dobr� den, pane."
    assert "not quite UTF-8" in parsed.warnings[0]


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x --><TEI xmlns="a">', "tei"),
        (b"<tei:teiCorpus xmlns:tei='a'><tei:TEI>", "tei"),
        (b'<!DOCTYPE publicwhip [<!ENTITY a "b">]>\n<publicwhip><speech>', "hansard"),
        (b"<housecommons><title>", "hansard"),
        (b"<akomaNtoso><debate/></akomaNtoso>", "hansard"),
        (b"<ROOT><record id='1'>", "ohms"),
        (b"<ROOT><other>", None),
        (b"<html><body>", None),
        ("<TEI><text/></TEI>".encode("utf-16"), "tei"),
        (b"<TEI", None),
        (b"ANNA: <TEI>", None),
        (b"", None),
        (HARMFUL["laughs"].encode(), None),
    ],
)
def test_the_root_tells_the_format(data, found):
    """From the beginning of the file, whatever comes after it."""
    assert xml_format(data) == found


# TEI ----------------------------------------------------------------------------------------------


def test_utterances_come_with_speakers_and_what_is_no_speech_apart():
    """Names from the header in the order in which people say them; a chair makes statements."""
    parsed = tei(
        '<note type="time">10.00</note>'
        '<u who="#AN" ana="#chair"><seg>Ptám se, kdo chce slovo?</seg><seg>Nikdo.</seg></u>'
        "<incident><desc>Přestávka.</desc></incident>"
        '<u who="#AN" ana="#regular"><seg>Ano <vocal><desc>smích</desc></vocal>, ano'
        '<gap reason="inaudible"/>. <kinesic type="applause"><desc>Potlesk.</desc></kinesic></seg>'
        "</u><u><seg>Kdo?</seg></u><u/>",
        PERSONS,
    )
    assert spoken(parsed)[0] == ("Anna Nováková", "statement", "Ptám se, kdo chce slovo? Nikdo.")
    assert [text for _, _, text in spoken(parsed)[1:]] == ["Ano, ano.", "Kdo?"]
    assert parsed.transcript.turns[-1].speaker is None
    assert apart(parsed) == [
        ("heading", "Otázky"),
        ("note", "10.00"),
        ("incident", "Přestávka."),
        ("sound without words", "smích"),
        ("gesture", "Potlesk."),
    ]
    transcript = parsed.transcript
    assert (transcript.title, str(transcript.date), transcript.language) == (
        "Schůze 7",
        "2019-03-05",
        "cs",
    )
    assert parsed.warnings == ("1 of its utterances hold no words",)


@pytest.mark.parametrize(
    ("who", "name", "named"),
    [
        ("#PetraVelická.1980", "Petra Velická", True),
        ("#JohnMcCarthy", "John McCarthy", True),
        ("persons.xml#Anna_Maria_Lund", "Anna Maria Lund", True),
        ("#uk.m.12345", "uk.m.12345", False),
        ("#SPK_01", "SPK_01", False),
        ("#ChairPerson", "ChairPerson", False),
        ("Lund, Ada, minister", "Ada Lund", True),
        ("Lund Ada, the minister", "Lund Ada", True),
    ],
)
def test_ids_without_a_list_of_persons(who, name, named):
    """One that reads as a name is taken for one and said to be; any other stays an id."""
    parsed = tei(f'<u who="{who}"><seg>Ano.</seg></u>')
    speaker = parsed.transcript.turns[0].speaker
    assert (speaker.name, speaker.named) == (name, named)
    guessed = [warning for warning in parsed.warnings if "ids are read as names" in warning]
    assert bool(guessed) == (named and "#" in who)


def test_two_persons_of_one_name_stay_two():
    """Father and son, told apart by their ids; a name written out is neither."""
    parsed = tei(
        '<u who="#JanLund.1950"><seg>A.</seg></u><u who="#JanLund.1980"><seg>B.</seg></u>'
        '<u who="#EvaDahl.1960"><seg>C.</seg></u><u who="Dahl Eva, MP"><seg>D.</seg></u>'
    )
    assert spoken(parsed) == [
        ("Jan Lund (JanLund.1950)", "statement", "A."),
        ("Jan Lund (JanLund.1980)", "statement", "B."),
        ("Eva Dahl", "statement", "C. D."),
    ]


def test_tokens_of_an_annotated_text_are_set_as_they_were():
    """Blanks between `w` and `pc` mean nothing; `join` says where there was none."""
    parsed = tei(
        '<u who="#AN"><seg>\n<s>\n<w>Dobrý</w>\n<w join="right">den</w>\n<pc>,</pc>\n'
        '<name>\n<w>paní</w>\n<w join="right">Lund<w norm="x"/></w>\n</name>\n<pc>.</pc>'
        "<linkGrp><link>x</link></linkGrp></s>\n</seg></u>",
        PERSONS,
    )
    assert spoken(parsed) == [("Anna Nováková", "statement", "Dobrý den, paní Lund.")]


def test_a_play_names_its_speakers():
    """By `who` where it is listed, else by `speaker`; stage directions are kept apart."""
    parsed = tei(
        '<sp who="#h"><speaker>HAM.</speaker><l>To be,</l><l>or not.</l></sp>'
        "<sp><speaker>Second Guard.</speaker><stage>aside</stage><p>Who's there?</p></sp>"
        '<sp who="#h #g"><p>Both.</p></sp>',
        '<person xml:id="h"><persName>Hamlet</persName></person>'
        '<personGrp xml:id="g"><name>Guards</name></personGrp>',
    )
    assert [(name, text) for name, _, text in spoken(parsed)] == [
        ("Hamlet", "To be, or not."),
        ("Second Guard", "Who's there?"),
        ("Hamlet, Guards", "Both."),
    ]
    assert not parsed.transcript.turns[2].speaker.named
    assert ("stage direction", "aside") in apart(parsed)


def test_tei_without_utterances_is_read_as_running_text():
    """Labels in its paragraphs are the speakers."""
    parsed = tei(
        "<p>ADA LUND: Who <choice><sic>wsa</sic><corr>was</corr></choice> it?</p>"
        "<p>EVA DAHL: Me.</p><p>ADA LUND: Why?</p><p>EVA DAHL: I had <sic>too</sic>.</p>"
    )
    assert [(name, text) for name, _, text in spoken(parsed)] == [
        ("Ada Lund", "Who was it?"),
        ("Eva Dahl", "Me."),
        ("Ada Lund", "Why?"),
        ("Eva Dahl", "I had too."),
    ]


# Hansard ------------------------------------------------------------------------------------------

PUBLICWHIP = """<publicwhip>
<oral-heading id="uk.org.publicwhip/debate/2009-10-29a.1.0" nospeaker="true">ORAL</oral-heading>
<minor-heading id="x">Bees</minor-heading>
<speech nospeaker="true"><p>The Secretary was asked—</p></speech>
<speech speakername="Ada Lund" oral-qnum="1"><p qnum="1">What of the bees?</p></speech>
<speech speakername="Tom Berg" speakeroffice="The Minister"><p>They fly.</p></speech>
<speech speakername="Ada Lund"><p>Will he say more? <i>[Interruption.]</i></p>
<p class="indent">"So far,"</p></speech>
<speech speakername="Mr. Speaker"><p>Order.</p></speech>
<speech speakername="Tom Berg"><p>No.</p></speech>
<speech speakername="Ivo Falk" oral-qnum="2"><p>What of wasps?</p></speech>
<speech speakername="Una Rask"><p>They sting.</p></speech>
<major-heading id="y">Fires</major-heading>
<speech speakername="Ivo Falk"><p>I beg to move,</p>
<p class="indent" pwmotiontext="yes">That fires be out.</p>
<p class="italic">Question put and agreed to.</p><p class="italic">Resolved,</p>
<p class="indent">That fires be out.</p></speech>
<speech speakername="Several hon. Members"><p class="italic">rose—</p></speech>
<division><mplist><mpname>Ada Lund</mpname></mplist></division>
</publicwhip>"""


def test_question_time_tells_who_asks_and_who_answers():
    """The first who speaks after a question on the paper is the minister; all others ask."""
    parsed = hansard(PUBLICWHIP)
    assert spoken(parsed) == [
        ("Ada Lund", "question", "What of the bees?"),
        ("Tom Berg", "answer", "They fly."),
        ("Ada Lund", "question", 'Will he say more? [Interruption.] "So far,"'),
        ("Mr. Speaker", "statement", "Order."),
        ("Tom Berg", "answer", "No."),
        ("Ivo Falk", "question", "What of wasps?"),
        ("Una Rask", "answer", "They sting."),
        ("Ivo Falk", "statement", "I beg to move, That fires be out."),
    ]
    assert [turn.answers for turn in parsed.transcript.turns] == [
        *(None, 1, None, None, 3),
        *(None, 6, None),
    ]
    assert not parsed.transcript.turns[3].speaker.named
    assert parsed.transcript.title == "House of Commons debates"
    assert str(parsed.transcript.date) == "2009-10-29"


def test_proceedings_are_kept_apart():
    """What stands in italics, under nobody's name, or below 'Resolved,'."""
    assert apart(hansard(PUBLICWHIP)) == [
        ("heading", "ORAL"),
        ("heading", "Bees"),
        ("proceedings", "The Secretary was asked—"),
        ("heading", "Fires"),
        ("proceedings", "Question put and agreed to."),
        ("proceedings", "Resolved,"),
        ("proceedings", "That fires be out."),
        ("proceedings", "rose—"),
        ("division list", "Ada Lund"),
    ]


def test_written_answers_and_later_files_say_the_role():
    """`ques` and `reply`, and the `type` of a speech."""
    written = hansard(
        '<publicwhip><ques speakername="Ada Lund"><p>How many?</p></ques>'
        '<reply speakername="Tom Berg"><p>So many:</p><table><tr><td>1990</td><td>4</td></tr>'
        "</table></reply></publicwhip>"
    )
    assert spoken(written) == [
        ("Ada Lund", "question", "How many?"),
        ("Tom Berg", "answer", "So many: 1990 4"),
    ]
    typed = hansard(
        '<publicwhip><speech type="Start Question" speakername="A Lund"><p>Why so?</p></speech>'
        '<speech type="Start Answer" speakername="T Berg"><p>So.</p></speech></publicwhip>'
    )
    assert [role for _, role, _ in spoken(typed)] == ["question", "answer"]


HISTORIC = """<housecommons><title>House of Commons</title>
<date format="1985-12-16">Monday</date>
<p><i>The House met at Two</i></p>
<oralquestions><title>Oral</title><section><title>ENERGY</title>
<p>12 and 13. <member>Mr. Lund <memberconstituency>(Eccles)</memberconstituency></member>
<membercontribution> asked the Minister for Coal what he does about it.</membercontribution></p>
<p><member>The Minister for Coal (Mr. Tom Berg)</member><membercontribution>: Much
<col>2</col>
indeed.<lb/>
I quote <quote>"so much"</quote> of it.</membercontribution></p>
<p>The Minister for Peat <member>(Dr. Una Rask)</member> <membercontribution>: And I.
</membercontribution></p>
<p><member>Mr. Falk</member><membercontribution> <i>rose</i>—</membercontribution></p>
<p><member>Mr. Falk</member><i>(seated)</i><membercontribution>: Why?</membercontribution></p>
</section></oralquestions>
<section><title>Bill</title><p>4·28 pm</p>
<p><member>The Minister for Coal</member><membercontribution>: I move.</membercontribution></p>
<p><member>Mr. Deputy Speaker</member><membercontribution>: Order.</membercontribution></p>
<p><i>Ordered,</i></p><quote>That it be so.</quote>
<p><i>Question put,</i> That it be.</p>
<division><table><tr><td>Lund, Ada</td></tr></table></division></section>
<section><title>Rest</title><p>Who says this is not told.</p></section></housecommons>"""


def test_the_historic_hansard_prints_members_and_offices():
    """An office speaks as whom it is once given to; without a member it is nobody."""
    parsed = hansard(HISTORIC)
    assert spoken(parsed) == [
        ("Mr. Lund", "question", "asked the Minister for Coal what he does about it."),
        ("Tom Berg", "answer", 'Much indeed. I quote "so much" of it.'),
        ("Una Rask", "answer", "And I."),
        ("Mr. Falk", "question", "Why?"),
        ("Tom Berg", "statement", "I move."),
        ("Mr. Deputy Speaker", "statement", "Order."),
        (None, "statement", "Who says this is not told."),
    ]
    assert [len(turn.paragraphs) for turn in parsed.transcript.turns][1] == 2
    assert (parsed.transcript.title, str(parsed.transcript.date)) == (
        "House of Commons",
        "1985-12-16",
    )
    assert apart(parsed) == [
        ("date line", "Monday"),
        ("proceedings", "The House met at Two"),
        ("heading", "Oral"),
        ("heading", "ENERGY"),
        ("number", "12 and 13."),
        ("stage direction", "rose—"),
        ("stage direction", "(seated)"),
        ("heading", "Bill"),
        ("time line", "4·28 pm"),
        ("proceedings", "Ordered,"),
        ("proceedings", "That it be so."),
        ("proceedings", "Question put, That it be."),
        ("division list", "Lund, Ada"),
        ("heading", "Rest"),
    ]


def test_akoma_ntoso_debates():
    """`by` means a listed person, else `from` names the speaker; narrative is kept apart."""
    parsed = hansard(
        '<akomaNtoso xmlns="http://docs.oasis-open.org/legaldocml/ns/akn/3.0"><debate><meta>'
        '<FRBRWork><FRBRdate date="2015-02-03" name="d"/></FRBRWork>'
        '<FRBRlanguage language="en"/><references>'
        '<TLCPerson eId="lund" href="/x" showAs="Ada Lund"/></references></meta>'
        "<preface><p><docTitle>Plenary 4</docTitle></p></preface>"
        "<debateBody><debateSection><heading>Roads</heading>"
        '<question by="#lund"><num>1</num><from>MS LUND:</from><p>Why <remark>noise</remark> so?'
        "</p></question>"
        '<answer by="#x9"><from>Tom Berg:</from><p>Because.</p></answer>'
        '<narrative>The House rose.</narrative><speech by="#EvaDahl"><p>I rise.</p></speech>'
        "</debateSection></debateBody></debate></akomaNtoso>"
    )
    assert spoken(parsed) == [
        ("Ada Lund", "question", "Why so?"),
        ("Tom Berg", "answer", "Because."),
        ("Eva Dahl", "statement", "I rise."),
    ]
    assert apart(parsed) == [
        ("heading", "Roads"),
        ("number", "1"),
        ("remark", "noise"),
        ("narrative", "The House rose."),
    ]
    transcript = parsed.transcript
    assert (transcript.title, str(transcript.date), transcript.language) == (
        "Plenary 4",
        "2015-02-03",
        "en",
    )


# OHMS ---------------------------------------------------------------------------------------------

INTERVIEW = """<interviewee>Lund, Ada, 1930-</interviewee><interviewer>Tom Berg</interviewer>
<sync>1:|1(3)|4(4)|9(2)</sync>
<transcript>BERG: Where were you born, and what was it like there
in those days? [[footnote]]1[[/footnote]]

LUND: By the sea. It was
cold.

We had no coal.

BERG: I see. LUND: Yes.

BERG: Thank you.

LUND: Well.

[END OF INTERVIEW]

[[footnotes]]
[[note]]By the sea: BERG: was never there.[[/note]]
[[/footnotes]]
</transcript>"""


def test_an_interview_comes_with_names_roles_and_minutes():
    """Each paragraph has the marks around it; the last ends with the recording."""
    parsed = ohms(INTERVIEW.replace("LUND: Well.", "LUND: Well.\n\nBERG: Good?\n\nLUND: Yes."))
    assert [(name, role) for name, role, _ in spoken(parsed)] == [
        ("Tom Berg", "question"),
        ("Ada Lund", "answer"),
        ("Tom Berg", "statement"),
        ("Ada Lund", "answer"),
        ("Tom Berg", "statement"),
        ("Ada Lund", "answer"),
        ("Tom Berg", "question"),
        ("Ada Lund", "answer"),
    ]
    assert [turn.text for turn in parsed.transcript.turns][:4] == [
        "Where were you born, and what was it like there in those days?",
        "By the sea. It was cold. We had no coal.",
        "I see.",
        "Yes.",
    ]
    times = [(one.start_s, one.end_s) for one in parsed.transcript.paragraphs()]
    assert times == [
        (0.0, 120.0),
        (60.0, 180.0),
        (120.0, 180.0),
        *[(120.0, 250.0)] * 2,
        *[(180.0, 250.0)] * 4,
    ]
    assert str(parsed.transcript.date) == "1999-05-04"
    assert [reason for reason, _ in apart(parsed)] == [
        "stage direction",
        "footnotes",
        "index point",
    ]


def test_the_title_tells_who_is_interviewed_where_no_field_does():
    """'Oral history interview with Ada Lund'."""
    parsed = ohms(
        INTERVIEW[INTERVIEW.index("<sync>") :].replace("</transcript>", "\n</transcript>")
    )
    assert {name for name, _, _ in spoken(parsed)} == {"Berg", "Ada Lund"}
    assert spoken(parsed)[0][1] == "question"


def test_a_heading_in_capitals_is_no_speaker():
    """'APPENDIX: THE WAR' among labels in capitals."""
    body = "".join(f"BERG: Where {n}?\n\nLUND: There {n}.\n\n" for n in range(3))
    parsed = ohms(f"<transcript>{body}APPENDIX: THE WAR\n\nIt was long.</transcript>")
    assert spoken(parsed)[-1] == ("Ada Lund", "answer", "There 2. It was long.")
    assert ("heading", "APPENDIX: THE WAR") in apart(parsed)


def test_sync_marks_that_run_backwards_give_no_times():
    """The words stay."""
    parsed = ohms(INTERVIEW.replace("1(3)|4(4)|9(2)", "9(3)|4(4)|9(2)"))
    assert all(paragraph.start_s is None for paragraph in parsed.transcript.paragraphs())
    assert "its sync marks run backwards: the times are left out" in parsed.warnings


VTT = """<vtt_transcript><![CDATA[WEBVTT

00:00:01.000 --> 00:00:04.000
<v BERG>Where were you born?

00:00:04.000 --> 00:00:08.000
<v LUND>By the sea.

00:00:08.000 --> 00:00:09.000
It was cold.

00:00:09.000 --> 00:00:08.000
<v BERG>I see.
]]></vtt_transcript>"""


def test_an_embedded_webvtt_is_read_with_its_times():
    """A caption without a voice goes on in the voice above."""
    parsed = ohms(VTT)
    assert [(name, text) for name, _, text in spoken(parsed)] == [
        ("Berg", "Where were you born?"),
        ("Ada Lund", "By the sea. It was cold."),
        ("Berg", "I see."),
    ]
    assert next(parsed.transcript.paragraphs()).start_s == 1.0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ("<transcript>No transcript.</transcript>", "no transcript of it"),
        ("<transcript/><vtt_transcript> </vtt_transcript>", "no transcript of it"),
        ("<transcript>A: b.</transcript></record><record>", "holds 2 interviews"),
        ("<vtt_transcript>WEBVTT</vtt_transcript>", "holds no captions"),
    ],
)
def test_a_record_without_a_transcript_is_an_error(fields, reason):
    """Names the file."""
    with pytest.raises(TranscriptError, match=rf"^o\.xml(:\d+)?: .*{reason}"):
        ohms(fields)


# Whatever comes -----------------------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=8)
SAID = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


@given(st.lists(st.tuples(st.sampled_from(["#a", "#b", ""]), SAID), min_size=1, max_size=12))
@settings(max_examples=60, deadline=None)
def test_no_word_of_an_utterance_is_lost(utterances):
    """All words in their order, whatever they are made of."""
    body = "".join(
        f'<u who="{who}"><note>x</note><seg>{escape(text)}</seg></u>' for who, text in utterances
    )
    words = " ".join(turn.text for turn in tei(body).transcript.turns).split()
    expected = " ".join(text for _, text in utterances)
    assert words == tei(f"<u><seg>{escape(expected)}</seg></u>").transcript.turns[0].text.split()


@given(
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 12)), max_size=12),
    st.integers(1, 20),
    st.integers(1, 3),
)
@settings(max_examples=60, deadline=None)
def test_times_of_an_interview_never_run_backwards(marks, turns, interval):
    """Starts rise, and nothing ends before it starts."""
    sync = "|".join(f"{line}({word})" for line, word in sorted(marks))
    lines = "\n\n".join(f"{'BERG' if n % 2 else 'LUND'}: So it was {n}." for n in range(turns))
    fields = f"<sync>{interval}:|{sync}</sync><transcript>{lines}</transcript>"
    found = list(ohms(fields).transcript.paragraphs())
    starts = [paragraph.start_s for paragraph in found if paragraph.start_s is not None]
    assert all(one <= two for one, two in pairwise(starts))
    assert bool(starts) == bool(marks)


@given(
    st.sampled_from(
        [
            ("tei", TEI.format(body='<u who="#AN"><seg>Ano.</seg></u>', persons=PERSONS)),
            ("hansard", PUBLICWHIP),
            ("hansard", HISTORIC),
            ("ohms", OHMS.format(fields=INTERVIEW)),
            ("ohms", OHMS.format(fields=VTT)),
        ]
    ),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_read_or_refused(sample, data):
    """Never another exception."""
    name, text = sample
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        start = data.draw(st.integers(0, len(raw)))
        length = data.draw(st.integers(0, 30))
        raw[start : start + length] = data.draw(
            st.sampled_from([b"", b"<", b">", b"</p>", b"&", b"\xff", b"]]>", b'"', b"<p>"])
        )
    try:
        parsed = parse(bytes(raw), "d.xml", format_name=name)
    except TranscriptError as error:
        words, named = [], str(error).startswith("d.xml")
    else:
        words, named = [turn.text for turn in parsed.transcript.turns], True
    assert named
    assert all(words)
