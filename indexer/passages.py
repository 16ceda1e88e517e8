"""Splits a transcript into passages, each with the context that makes it understood.

Never crosses a turn, never changes a word. Knows of the model only how many tokens a text has and
how many fit; knows nothing of vectors.
"""

import hashlib
import math
from collections.abc import Iterator, Sequence

from indexer.dates import spoken_date
from indexer.sentences import Span, sentences, strip
from indexer.transcript import Paragraph, Passage, Role, Transcript, Turn
from models.embedder import Embedder, Excerpt

# Raise it when the same transcript would be split otherwise.
SPLITTER_VERSION = 2
SHORT_PARAGRAPH_WORDS = 12
SHORT_QUESTION_WORDS = 6
MAX_CONTEXT_SHARE = 0.4
# Of a question of more words, the last are searched with each passage of the answer.
MAX_BACKGROUND_WORDS = 400
# Special tokens and a prompt ("passage: ") stand in the window too and are not counted.
RESERVED_TOKENS = 8
# A window of thousands of tokens would make one vector of a whole speech: nothing to point at.
MAX_WINDOW_TOKENS = 512


def excerpt(passage: Passage) -> Excerpt:
    """What is embedded for the passage."""
    return Excerpt(passage.text, passage.context, sentence_spans(passage.text))


def sentence_spans(text: str) -> tuple[Span, ...]:
    """Spans of a passage's sentences, none of which goes over the end of a paragraph."""
    spans, start = [], 0
    for line in text.split("\n"):
        spans += [(start + first, start + last) for first, last in sentences(line)]
        start += len(line) + 1
    return tuple(spans)


def embedding_hash(embedded: Excerpt) -> bytes:
    """What the embeddings of an excerpt are known by: a sha256, 32 bytes."""
    return hashlib.sha256(f"{embedded.whole}\0{embedded.sentences}".encode()).digest()


def is_follow_up(question: Turn) -> bool:
    """Whether a question says too little to be understood alone ("But why?")."""
    return len(question.text.split()) < SHORT_QUESTION_WORDS


def split(transcript: Transcript, embedder: Embedder) -> tuple[Passage, ...]:
    """The transcript's passages in order; context and text together fit the embedder's window.

    Their spans cover every paragraph but for white space between sentences.
    """
    splitter = _Splitter(transcript, embedder)
    return tuple(passage for turn in transcript.turns for passage in splitter.passages(turn))


class _Splitter:
    def __init__(self, transcript: Transcript, embedder: Embedder) -> None:
        self.transcript = transcript
        self.count = embedder.count_tokens
        self.window = min(embedder.max_tokens, MAX_WINDOW_TOKENS) - RESERVED_TOKENS
        if self.window < 8:
            raise ValueError(f"a window of {embedder.max_tokens} tokens is too small")
        paragraphs = list(transcript.paragraphs())
        counts = self.count([paragraph.text for paragraph in paragraphs])
        self.tokens = {p.number: n for p, n in zip(paragraphs, counts, strict=True)}
        self.limit = int(self.window * MAX_CONTEXT_SHARE)
        self.headings: dict[int, str] = {}
        self.questions: dict[tuple[int, int], str] = {}

    # Passages

    def passages(self, turn: Turn) -> Iterator[Passage]:
        context, background = self._context(turn), self._background(turn)
        budget = self.window - self.count([context])[0]
        for group in self._groups(turn.paragraphs, budget):
            first, last = group[0], group[-1]
            whole = "\n".join(p.text for p in group) if len(group) > 1 else ""
            spans = [(0, len(last.text))]
            if len(group) == 1 and self.tokens[first.number] > budget:
                spans = self._parts(first.text, budget)
            for part, (start, end) in enumerate(spans, start=1):
                name = f"p{first.number}"
                if len(group) > 1:
                    name += f"-{last.number}"
                elif len(spans) > 1:
                    name += f".{part}"
                yield Passage(
                    id=f"{self.transcript.id}:{name}",
                    transcript_id=self.transcript.id,
                    turn=turn.number,
                    first_paragraph=first.number,
                    last_paragraph=last.number,
                    start=start,
                    end=end,
                    text=whole or first.text[start:end],
                    context=context,
                    background=background,
                )

    def _groups(self, paragraphs: Sequence[Paragraph], budget: int) -> list[list[Paragraph]]:
        """Paragraphs that make a passage together: a short one joins the next, else the last."""
        groups: list[list[Paragraph]] = []
        for paragraph in paragraphs:
            if groups and _is_short(groups[-1]) and self._fits([*groups[-1], paragraph], budget):
                groups[-1].append(paragraph)
                continue
            self._join_back(groups, budget)
            groups.append([paragraph])
        self._join_back(groups, budget)
        return groups

    def _join_back(self, groups: list[list[Paragraph]], budget: int) -> None:
        if len(groups) > 1 and _is_short(groups[-1]):
            joined = groups[-2] + groups[-1]
            if self._fits(joined, budget):
                groups[-2:] = [joined]

    def _fits(self, group: list[Paragraph], budget: int) -> bool:
        return sum(self.tokens[paragraph.number] for paragraph in group) <= budget

    # Cutting

    def _parts(self, text: str, budget: int) -> list[Span]:
        """Spans of about equal length that fit: of whole sentences, else words, else letters."""
        atoms = self._atoms(text, sentences(text), budget)
        left = sum(count for _, count in atoms)
        parts: list[Span] = []
        first = 0
        while first < len(atoms):
            aim = left / math.ceil(left / budget)
            used, after = 0, first
            while after < len(atoms) and used < aim and used + atoms[after][1] <= budget:
                used += atoms[after][1]
                after += 1
            after = max(after, first + 1)
            parts.append((atoms[first][0][0], atoms[after - 1][0][1]))
            left -= sum(count for _, count in atoms[first:after])
            first = after
        return parts

    def _atoms(self, text: str, spans: list[Span], budget: int) -> list[tuple[Span, int]]:
        """Spans with their tokens, those that do not fit cut into smaller ones."""
        atoms: list[tuple[Span, int]] = []
        counts = self.count([text[start:end] for start, end in spans])
        for (start, end), tokens in zip(spans, counts, strict=True):
            if tokens <= budget or end - start == 1:
                atoms.append(((start, end), tokens))
            else:
                atoms += self._atoms(text, _smaller(text, start, end), budget)
        return atoms

    # Context

    def _background(self, turn: Turn) -> str:
        """The context with nothing cut off but the beginning of a very long question."""
        asked = self.transcript.question_of(turn)
        words = self._with_earlier(asked).split() if asked is not None else []
        question = " ".join(words[-MAX_BACKGROUND_WORDS:])
        heading = f"{self.transcript.title} {self._dated()}".strip()
        return "\n".join(part for part in (heading, self._line(turn), question) if part)

    def _line(self, turn: Turn) -> str:
        speaker = turn.speaker.name if turn.speaker else None
        if turn.answers is not None:
            return f"{speaker} answers:" if speaker else "Answer to:"
        if turn.role is Role.QUESTION and turn.speaker and turn.speaker.named:
            return f"{speaker} asks:"
        return f"{speaker}:" if speaker else ""

    def _context(self, turn: Turn) -> str:
        """What a reader would know: title, date, who speaks, and the question answered."""
        asked = self.transcript.question_of(turn)
        line = self._cut_end(self._line(turn), self.limit // 3)
        left = self.limit - self.count([line])[0]
        if asked is None:
            return "\n".join(part for part in (self._heading(left), line) if part)
        left -= 2  # the quotation marks
        # The heading gets a third, and what the question leaves.
        wanted = self.count([self._with_earlier(asked)])[0]
        heading = self._heading(max(self.limit // 3, left - wanted))
        question = self._question(asked, left - self.count([heading])[0])
        return "\n".join(part for part in (heading, f'{line} "{question}"') if part)

    def _heading(self, room: int) -> str:
        """Title and date within `room` tokens; where they do not fit, the title is shortened."""
        if room not in self.headings:
            dated = self._dated()
            title = self._cut_end(self.transcript.title, room - self.count([dated])[0])
            self.headings[room] = f"{title} {dated}".strip()
        return self.headings[room]

    def _dated(self) -> str:
        day = self.transcript.date
        return f"({spoken_date(day)})" if day else ""

    def _question(self, asked: Turn, room: int) -> str:
        """The question within `room` tokens, cut from the front: the asking stands at the end."""
        if (asked.number, room) not in self.questions:
            text = self._with_earlier(asked)
            self.questions[asked.number, room] = self._cut_front(text, room)
        return self.questions[asked.number, room]

    def _with_earlier(self, asked: Turn) -> str:
        """The question's words; where they are few ("But why?"), after those of the one before."""
        texts = [asked.text]
        while len(" ".join(texts).split()) < SHORT_QUESTION_WORDS and asked.number > 1:
            previous = self.transcript.turns[asked.number - 2]
            before = self.transcript.question_of(previous)
            if before is None:
                if previous.role is not Role.QUESTION:
                    break
                before = previous
            texts.insert(0, before.text)
            asked = before
        return " ".join(texts)

    def _cut_front(self, text: str, room: int) -> str:
        if self.count([text])[0] <= room:
            return text
        atoms = self._atoms(text, sentences(text), room)
        used, first = 0, len(atoms)
        while first and used + atoms[first - 1][1] <= room:
            first -= 1
            used += atoms[first][1]
        return text[atoms[first][0][0] :] if first < len(atoms) else ""

    def _cut_end(self, text: str, limit: int) -> str:
        """As many of the text's words as make no more than `limit` tokens."""
        if not text or self.count([text])[0] <= limit:
            return text
        words = text.split(" ")
        low, high = 0, len(words)
        while high - low > 1:
            middle = (low + high) // 2
            if self.count([" ".join(words[:middle])])[0] <= limit:
                low = middle
            else:
                high = middle
        return " ".join(words[:low])


def _is_short(group: list[Paragraph]) -> bool:
    return sum(len(paragraph.text.split()) for paragraph in group) < SHORT_PARAGRAPH_WORDS


def _smaller(text: str, start: int, end: int) -> list[Span]:
    """The words of the span, or the halves of its only word."""
    words: list[Span] = []
    while start < end:
        space = text.find(" ", start, end)
        stop = end if space < 0 else space
        if span := strip(text, start, stop):
            words.append(span)
        start = stop + 1
    if len(words) > 1:
        return words
    first, last = words[0]
    middle = (first + last) // 2
    return [(first, middle), (middle, last)]
