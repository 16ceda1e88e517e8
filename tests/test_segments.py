"""Timed segments become turns and paragraphs; no word is lost, times never run backwards."""

from hypothesis import given
from hypothesis import strategies as st

from indexer.formats.segments import Segment, turns_of_segments


def paragraphs(*segments: Segment):
    return [
        (p.text, p.start_s, p.end_s)
        for turn in turns_of_segments(segments)
        for p in turn.paragraphs
    ]


def test_segments_join_to_sentences_and_break_at_silences():
    """A silence breaks only where a sentence ends."""
    assert paragraphs(
        Segment("We met", 0, 1),
        Segment("in May.", 4, 5),
        Segment("It rained.", 5.5, 6),
        Segment("Then we left.", 9, 10),
    ) == [("We met in May. It rained.", 0, 6), ("Then we left.", 9, 10)]


def test_another_speaker_or_a_change_makes_another_turn():
    """Also where the source does not say who it is."""
    turns = turns_of_segments(
        [
            Segment("Hi.", speaker="Ann Berg"),
            Segment("Ho.", speaker="SPEAKER_01"),
            Segment("Who?"),
            Segment("I.", change=True),
        ]
    )
    names = [
        turn.label.name if turn.label else turn.speaker and turn.speaker.name for turn in turns
    ]
    assert names == ["Ann Berg", "SPEAKER_01", None, None]
    assert turns[1].speaker.named is False


@given(
    st.lists(
        st.tuples(
            st.text(alphabet="ab. ?", max_size=12), st.sampled_from([None, "Ann Berg", "Bo Lund"])
        ),
        max_size=30,
    )
)
def test_every_word_comes_back_once_in_order(spoken):
    """Whatever the pauses and speakers."""
    segments = [Segment(text, 3.0 * n, 3.0 * n + 1, who) for n, (text, who) in enumerate(spoken)]
    read = [text for text, _, _ in paragraphs(*segments)]
    assert " ".join(read).split() == " ".join(text for text, _ in spoken).split()
    times = [start for _, start, _ in paragraphs(*segments)]
    assert times == sorted(times)
