"""Words are credited to whom they belong, or to nobody: cases that once went wrong."""

import pytest

from indexer.formats import parse
from tests.test_formats import turns_of

PSAKI = (
    "MS. PSAKI:  Good day.\n\nMR. LUND:  Good day.\n\nQ    Is it open?\n\nMS. PSAKI:  It is.\n\n"
)


def speakers_of(text: str, name: str = "talk.txt") -> list[tuple[str | None, str]]:
    """Speaker and words of every paragraph."""
    return [(speaker, words) for speaker, _, _, texts in turns_of(text, name) for words in texts]


def test_a_question_that_nobody_heard_is_still_a_turn():
    """The answer to it is not one to the question before."""
    text = PSAKI + "Q    (Inaudible.)\n\nMS. PSAKI:  No, never.\n"
    assert turns_of(text)[4:] == [
        ("Q", "question", None, ["(Inaudible.)"]),
        ("Ms. Psaki", "answer", 5, ["No, never."]),
    ]


@pytest.mark.parametrize(
    ("line", "speaker", "words"),
    [
        ("MS. PSAKI:Yeah, thanks.", "Ms. Psaki", "Yeah, thanks."),
        ("Q    MS. PSAKI:  So, two thoughts.", "Ms. Psaki", "So, two thoughts."),
        ("MS. PSAKI:  Q But I also ask.", "Q", "But I also ask."),
        ("Q– larger —", "Q", "– larger —"),
        ("Q $157 million for what?", "Q", "$157 million for what?"),
        ("Q 157 million?", "Q", "157 million?"),
        ("Q [Inaudible] what?", "Q", "[Inaudible] what?"),
        ("Q …what?", "Q", "…what?"),
        ("Q ‘Cause of what?", "Q", "‘Cause of what?"),
        ("Q\nAnd the bridge?", "Q", "And the bridge?"),
        ("5:19 P.M. EDT MS. PSAKI:  Thanks.", "Ms. Psaki", "Thanks."),
        ("BIDEN: I disagree.", None, "BIDEN: I disagree."),
        ("Jane Doe: I disagree.", None, "Jane Doe: I disagree."),
        ("A.I. is going to change it.", "Ms. Psaki", "A.I. is going to change it."),
        ("Bottom line: it is open.", "Ms. Psaki", "Bottom line: it is open."),
    ],
)
def test_a_label_missed_by_a_hair_does_not_give_words_to_the_speaker_before(line, speaker, words):
    """Slips of the transcriber's pen; what cannot be told is nobody's."""
    assert speakers_of(PSAKI + line + "\n")[-1] == (speaker, words)


def test_after_doubtful_words_the_speaker_goes_on():
    """Only the paragraph that somebody else may have said is nobody's; a subject is none."""
    text = PSAKI + "BIDEN: I disagree.\n\nTo go on.\n\nOn Gaza: We wait.\n"
    assert speakers_of(text)[-3:] == [
        (None, "BIDEN: I disagree."),
        ("Ms. Psaki", "To go on."),
        ("Ms. Psaki", "On Gaza: We wait."),
    ]


def test_initials_are_no_answer_label():
    """'A. Berg:' is a person, 'A.M.' a time."""
    text = "Q. Why?\n\nA. Berg: Because.\n\nQ. So?\n\nA. Berg: Yes.\n"
    assert speakers_of(text)[1] == ("A. Berg", "Because.")


def test_two_people_in_one_chair_stay_two():
    """The note says who sits there; without one, after two, nobody can tell."""
    text = (
        "The Chair (Hon. Ida Holm): Order.\n\nMr. Lund: Yes.\n\nThe Chair (Hon. Bo Vik): Order.\n\n"
        "Mr. Lund: No.\n\nThe Chair: Thanks.\n"
    )
    assert [speaker for speaker, _ in speakers_of(text)] == [
        "Ida Holm",
        "Mr. Lund",
        "Bo Vik",
        "Mr. Lund",
        "The Chair",
    ]


@pytest.mark.parametrize(
    ("title", "host"),
    [
        ("Remarks by President Lund and Chancellor Berg", None),
        ("Secretary Ivo Lund’s Interview with Ana Berg", "Ivo Lund"),
        ("Remarks by Minister Ana Berg at the Port", "Ana Berg"),
        ("Talks of Ivo Lund with Ana Berg", None),
    ],
)
def test_the_host_is_whom_the_title_announces_alone(title, host):
    """Never the guest, never one of two."""
    text = f"{title}\n\nWelcome to all of you.\n\nIvo Lund: Thanks.\n\nAna Berg: Thank you all.\n"
    assert speakers_of(text)[0] == (host, "Welcome to all of you.")


def test_a_man_s_full_name_and_a_woman_s_honorific_who_talk_to_each_other_are_two():
    """MS. LUND is not IVO LUND if they take turns."""
    text = "IVO LUND: One.\n\nMS. LUND: Two.\n\nIVO LUND: Three.\n\nMS. LUND: Four.\n"
    assert [speaker for speaker, _ in speakers_of(text)] == ["Ivo Lund", "Ms. Lund"] * 2


def test_speakers_in_headings_and_in_bold_lines_of_their_own():
    """A heading that is a known or recurring name is a label."""
    heads = "### Bo\n\nOne.\n\n### Ann\n\nTwo.\n\n### Bo\n\nThree.\n\n### Ann\n\nFour.\n"
    bold = 2 * "**Bo Kern**\n\nOne.\n\n**Ann Berg**\n\nTwo.\n\n"
    assert speakers_of(heads, "a.md") == [
        ("Bo", "One."),
        ("Ann", "Two."),
        ("Bo", "Three."),
        ("Ann", "Four."),
    ]
    assert [speaker for speaker, _ in speakers_of(bold, "a.md")] == ["Bo Kern", "Ann Berg"] * 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**Ann:** Hi.\n\n**Bo:** Wholly.\n---\n", ["Hi.", "Wholly."]),
        (
            "**Ann:** Hi.\n\n**Bo:** Yes.\n\n# 1 priority is jobs.\n",
            ["Hi.", "Yes.", "# 1 priority is jobs."],
        ),
        ("---\nANN: Hello friends.\nBO: I disagree.\n---\n", ["Hello friends.", "I disagree."]),
        ("**Ann:** Hi.\n\n**Bo:** Three:\n\n- peace\n- jobs\n", ["Hi.", "Three:", "peace", "jobs"]),
        (
            "**Ann:** Hi.\n\n**Bo:** One<br>two <inaudible> <b>x</b>.\n",
            ["Hi.", "One two <inaudible> x."],
        ),
        (
            "**Ann:** Hi.\n\n**Bo:** Yes.\n\n1985. That was the year.\n",
            ["Hi.", "Yes.", "1985. That was the year."],
        ),
        ("**Ann:** Hi.\n\n**Bo:** [Laughter]: yes\n", ["Hi.", "[Laughter]: yes"]),
        ("**Ann:** Hi.\n\xa0 \nMore.\n\n**Bo:** Yes.\n", ["Hi.", "More.", "Yes."]),
        ("hello there\n\nthis is all\n\nof the talk\n", ["this is all", "of the talk"]),
    ],
)
def test_markup_swallows_no_spoken_words(text, words):
    """What Markdown takes for syntax was perhaps said."""
    assert [spoken for _, spoken in speakers_of(text, "a.md")] == words


def test_giving_the_floor_is_no_answer():
    """'Go ahead.' by whoever stands beside leaves the question open for the one who answers."""
    text = (
        "MS. PSAKI:  Good day.\n\nQ    For the Secretary: why so late?\n\nMS. PSAKI:  Go ahead.\n\n"
        "SECRETARY LUND:  It rained.\n"
    )
    assert [(turn[1], turn[2]) for turn in turns_of(text)][2:] == [
        ("statement", None),
        ("answer", 2),
    ]


def test_the_next_speaker_s_opening_is_no_answer_to_the_last_question():
    """Long words that begin with thanks, after an answer, open something new."""
    opening = "Thank you, Secretary. " + "Today we open the bridge over the river at last. " * 8
    text = PSAKI + f"MR. LUND:  {opening}\n\nQ    How long is it?\n\nMR. LUND:  A mile.\n"
    assert [(turn[1], turn[2]) for turn in turns_of(text)][3:] == [
        ("answer", 3),
        ("statement", None),
        ("question", None),
        ("answer", 6),
    ]


@pytest.mark.parametrize(
    ("title", "president"),
    [
        ("Remarks by President Lund in Press Conference", "President Lund"),
        ("Remarks by President Ivo Lund and Chancellor Berg", "Ivo Lund"),
        ("Remarks by President Lund and President Berg", "The President"),
        ("Remarks by Vice President Berg", "The President"),
        ("Remarks on Fish", "The President"),
    ],
)
def test_the_president_is_whom_the_title_calls_so(title, president):
    """If it is one and only one."""
    text = f"{title}\n\nTHE PRESIDENT:  Good day.\n\nQ    Why?\n\nTHE PRESIDENT:  Trade.\n"
    assert speakers_of(text)[0] == (president, "Good day.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "CHAIR POWELL. Good day.\n\nMR. SMITH. Thank you.\n\nCHAIR POWELL. The rate rose.\n\n"
            "MR. SMITH. Why so?\n",
            ["Chair Powell", "Mr. Smith", "Chair Powell", "Mr. Smith"],
        ),
        (
            "[00:00:01] Anna: One.\n\n[00:00:09] Bo: Two.\n\n[00:00:11] Anna: Three.\n",
            ["Anna", "Bo", "Anna"],
        ),
        ("Anna Berg [00:01]: One.\n\nBo Lund (00:09): Two.\n", ["Anna Berg", "Bo Lund"]),
        ("[Anna Berg] 11:02:09\nOne.\n\n[Bo Lund] 11:02:11\nTwo.\n", ["Anna Berg", "Bo Lund"]),
        ("Anna Berg  0:03\nOne.\n\nBo Lund  0:09\nTwo.\n", ["Anna Berg", "Bo Lund"]),
        (
            "[Anna Berg]\nOne.\n\n[Bo Lund]\nTwo.\n\n[Anna Berg]\nX.\n\n[Bo Lund]\nY.\n",
            ["Anna Berg", "Bo Lund"] * 2,
        ),
        ("Вопрос: Когда?\n\nС.В.Лавров: Завтра.\n", ["Вопрос", "С.В.Лавров"]),
        ("Question (via interpreter): When?\n\nAna Berg: Soon.\n", ["Question", "Ana Berg"]),
        ("Anna：你好。\n\nBo：你好。\n\nAnna：再见。\n", ["Anna", "Bo", "Anna"]),
    ],
)
def test_labels_of_many_kinds(text, expected):
    """Stops, time codes, brackets, lines of their own, other scripts."""
    assert [speaker for speaker, _ in speakers_of(text)] == expected


def test_fields_about_the_interview_are_no_speech_and_give_the_full_names():
    """Also where they come again before another tape."""
    fields = "INTERVIEWEE: Ivo Lund\n\nINTERVIEWER: Ana Berg\n\nDATE: 7 February 1994\n\n"
    talk = "BERG: When was it?\n\nLUND: In May, I think.\n\n"
    assert (
        speakers_of(fields + talk + fields + talk)
        == [
            ("Ana Berg", "When was it?"),
            ("Ivo Lund", "In May, I think."),
        ]
        * 2
    )


def test_time_codes_are_kept_as_seconds():
    """Of the paragraph that they stand before."""
    text = "[00:01:23] Anna: One.\n\n[1:02:03] Two.\n\nBo (00:09): Three.\n\nAnna: Four.\n"
    paragraphs = parse(text.encode(), "a.txt").transcript.paragraphs()
    assert [(p.text, p.start_s) for p in paragraphs] == [
        ("One.", 83),
        ("Two.", 3723),
        ("Three.", 9),
        ("Four.", None),
    ]


def test_notes_below_the_interview_are_nobody_s_words():
    """References after the last speaker are dropped, not credited."""
    text = "Ann Berg: One.\n\nBo Lund: Two.\n\nNOTES\n\n1. A. Author, “A Book”, 1958.\n"
    assert speakers_of(text)[-1] == ("Bo Lund", "Two.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "[00:01:02] Ann Berg: Hello.\n[00:01:09] Ivo Lund: Hi.\n[00:01:15] Ann Berg: So.\n",
            [("Ann Berg", "Hello."), ("Ivo Lund", "Hi."), ("Ann Berg", "So.")],
        ),
        (
            "0:15 Ann Berg: Hello.\n0:19 Ivo Lund: Hi.\n",
            [("Ann Berg", "Hello."), ("Ivo Lund", "Hi.")],
        ),
        (
            "Q1: Why?\n\nMr. Lund: Rain.\n\nQ2: Anything else?\n\nMr. Lund: No.\n",
            [("Q1", "Why?"), ("Mr. Lund", "Rain."), ("Q2", "Anything else?"), ("Mr. Lund", "No.")],
        ),
        (
            "INT: Why?\n\nP07: Rain.\n\nINT: So?\n\nP07: No.\n",
            [("INT", "Why?"), ("P07", "Rain."), ("INT", "So?"), ("P07", "No.")],
        ),
        (
            "Berg: We had it.\n\nLund: Yes.\n\nBerg: So.\n\nHaiti: no news.\n\nLund: None.\n",
            [
                ("Berg", "We had it."),
                ("Lund", "Yes."),
                ("Berg", "So."),
                ("Berg", "Haiti: no news."),
                ("Lund", "None."),
            ],
        ),
        (
            "Ann Berg: One.\n\n[COMMERCIAL BREAK]\n\n[Side B]\n\nAnn Berg: Two.\n\nBo Lund: No.\n",
            [("Ann Berg", "One."), ("Ann Berg", "Two."), ("Bo Lund", "No.")],
        ),
        (
            "Ann Berg: It cost:\n\n1.50 a loaf then.\n\n10:30 we went home.\n\nBo Lund: Yes.\n",
            [
                ("Ann Berg", "It cost:"),
                ("Ann Berg", "1.50 a loaf then."),
                ("Ann Berg", "10:30 we went home."),
                ("Bo Lund", "Yes."),
            ],
        ),
        (
            "ANN BERG, CNN HOST: One.\n\nBO LUND, MAYOR: Two.\n\nBERG: Three.\n\nLUND: Four.\n",
            [
                ("Ann Berg", "One."),
                ("Bo Lund", "Two."),
                ("Ann Berg", "Three."),
                ("Bo Lund", "Four."),
            ],
        ),
        (
            "С.В.Лавров: Да.\n\nВопрос: Когда?\n\nЛавров: Завтра.\n\nЛавров: И всё.\n",
            [
                ("Лавров", "Да."),
                ("Вопрос", "Когда?"),
                ("Лавров", "Завтра."),
                ("Лавров", "И всё."),
            ],
        ),
    ],
)
def test_what_a_second_review_found(text, expected):
    """Timed lines, numbered labels, asides, stage directions, figures, offices, initials."""
    assert speakers_of(text) == expected


MEMBERS = ("Ms. Holm", "Mr. Vik", "Ms. Strand", "Mr. Dahl")
GUESTS = ("Dr. Berg", "Mr. Lund")


def hearing(askers: int, guests: int, asks: str = "{name}: ") -> str:
    """Each of the askers asks each of the guests, twice, and gets an answer."""
    return "\n\n".join(
        f"{asks.format(name=asker)}What do you say of matter {n}, of which we have heard so much?"
        f"\n\n{guest}: Of matter {n} we say that it has to wait until the report is out."
        for n in range(2)
        for asker in MEMBERS[:askers]
        for guest in GUESTS[:guests]
    )


def roles_of(text: str) -> list[tuple[str, int | None]]:
    return [(role, answered) for _, role, answered, _ in turns_of(text)]


def test_in_a_meeting_what_members_ask_is_a_statement_and_is_answered():
    """Three who ask and two who answer are a committee and its guests; who answers what stays."""
    roles = roles_of(hearing(askers=3, guests=2))
    assert roles == [("statement", None) if n % 2 else ("answer", n - 1) for n in range(1, 25)]
    document = parse(hearing(askers=3, guests=2).encode(), "a.txt").transcript
    assert document.question_of(document.turns[1]) is document.turns[0]


@pytest.mark.parametrize(
    ("askers", "guests", "asks"),
    [
        (1, 2, "{name}: "),  # an interview of two
        (2, 2, "{name}: "),  # two hosts, two guests
        (4, 1, "{name}: "),  # a press conference that names the reporters
        (4, 2, "Q: "),  # one that does not, and tells who asks
        (4, 2, "Question ({name}): "),
    ],
)
def test_what_is_no_meeting_has_questions(askers, guests, asks):
    """Few who ask, or only one who answers, or a source that calls a question a question."""
    roles = roles_of(hearing(askers, guests, asks))
    assert roles == [
        ("question", None) if n % 2 else ("answer", n - 1) for n in range(1, len(roles) + 1)
    ]
