"""An answer as the ask page shows it: findings, or why there are none, and what else to ask.

Plain strings and addresses; knows nothing of requests or templates. What is made without values is
blank, for the templates that the script fills in.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from service.abstention import Reason
from service.answer import Answer
from service.citations import Citation, Source, transcript_href
from service.suggestions import Suggestion
from service.web.views import AskForm, cut, day, name_of

# As the IPCC's guidance note on uncertainties (2010) has it: over 66 % is likely.
LIKELY = 0.66
_WITHOUT = {
    "speaker": {"speaker": ""},
    "dates": {"date_from": "", "date_to": ""},
    "transcript": {"transcript": ""},
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where else a quote stands."""

    title: str = ""
    date: str = ""
    paragraph: int | str = ""
    href: str = ""

    @classmethod
    def of(cls, source: Source) -> Self:
        return cls(source.title, day(source.date), source.paragraph, source.href)


@dataclass(frozen=True, slots=True)
class Finding:
    """A citation as it is shown; `before`, `marked` and `after` together are the quote."""

    speaker: str = ""
    role: str = ""
    date_iso: str = ""
    date: str = ""
    title: str = ""
    paragraph: int | str = ""
    page: str = ""
    place: str = ""
    asked: str | None = ""
    before: str = ""
    marked: str = ""
    after: str = ""
    also: tuple[Place, ...] = (Place(),)

    @classmethod
    def of(cls, citation: Citation) -> Self:
        start, end = citation.highlight
        page = transcript_href(citation.transcript_id)
        number = citation.paragraph
        before, marked, after = cut(citation.quote, (start - citation.start, end - citation.start))
        return cls(
            speaker=name_of(citation.speaker),
            role=citation.role,
            date_iso=citation.date.isoformat() if citation.date else "",
            date=day(citation.date),
            title=citation.title,
            paragraph=number,
            page=page,
            place=f"{page}?p={number}&start={start}&end={end}#p{number}",
            asked=citation.asked.text if citation.asked else None,
            before=before,
            marked=marked,
            after=after,
            also=tuple(Place.of(source) for source in citation.also),
        )


@dataclass(frozen=True, slots=True)
class Link:
    """A way to ask on."""

    label: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Abstention:
    """That nobody answers, why, and what to ask instead where there is a way on."""

    detail: str = ""
    way: Link | None = Link()

    @classmethod
    def of(cls, reason: Reason, form: AskForm) -> Self:
        off = {name: value for one in reason.without for name, value in _WITHOUT[one].items()}
        everywhere = AskForm(q=form.q)
        if off:
            label = f"Ask without the {' and the '.join(reason.without)}"
            return cls(reason.detail, Link(label, replace(form, **off).address))
        if form != everywhere:
            return cls(reason.detail, Link("Ask the whole library", everywhere.address))
        return cls(reason.detail, None)


@dataclass(frozen=True, slots=True)
class Confidence:
    """How likely it is that the first finding answers: a word, and the figure behind it."""

    word: str = ""
    title: str = ""

    @classmethod
    def of(cls, value: float) -> Self:
        title = f"The first finding answers with a probability of {value:.2f}"
        return cls("likely" if value > LIKELY else "unsure", title)


@dataclass(frozen=True, slots=True)
class Reply:
    """All that stands below the question."""

    findings: Sequence[Finding]
    confidence: Confidence | None
    abstention: Abstention | None
    chips: Sequence[Link]

    @classmethod
    def of(cls, answer: Answer, form: AskForm) -> Self:
        sure = answer.confidence if answer.answered else None
        return cls(
            findings=[Finding.of(citation) for citation in answer.citations],
            confidence=None if sure is None else Confidence.of(sure),
            abstention=Abstention.of(answer.reason, form) if answer.reason else None,
            chips=[_chip(suggestion, form) for suggestion in answer.suggestions],
        )


def _chip(suggestion: Suggestion, form: AskForm) -> Link:
    narrowed = replace(
        form,
        speaker=suggestion.speaker or form.speaker,
        date_from=str(suggestion.date_from or form.date_from),
        date_to=str(suggestion.date_to or form.date_to),
    )
    return Link(suggestion.label, narrowed.address)
