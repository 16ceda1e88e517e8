"""The pages for people: asking, reading a transcript, the lists.

Every page works without script. Errors become pages here; the API's own errors stay as they are.
"""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from pathlib import Path
from typing import Any

import jinja2
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from indexer.library import Library
from models.errors import OnRecordError
from service.answer import Answerer
from service.errors import problem_of
from service.web import views
from service.web.findings import LIKELY, Abstention, Confidence, Finding, Reply
from service.web.views import AskForm, Holdings, Leaf

TRANSCRIPTS_A_PAGE = 50
SPEAKERS_A_PAGE = 200
# As many as a form can offer without becoming slow; other names can still be typed.
OFFERED = 200
LATEST = 5
_HERE = Path(__file__).parent
_BLANK = {"finding": Finding(), "abstention": Abstention(), "confidence": Confidence()}


def mount_pages(app: FastAPI) -> None:
    """Adds the pages and their static files to the application."""
    static = _HERE / "static"
    pages = Pages(_templates(static))
    app.mount("/static", StaticFiles(directory=static), name="static")
    for path, page in (
        ("/", pages.ask),
        ("/transcripts", pages.transcripts),
        ("/transcripts/{transcript_id}", pages.transcript),
        ("/speakers", pages.speakers),
    ):
        app.add_api_route(
            path,
            pages.guarded(page),
            methods=["GET", "HEAD"],
            response_class=HTMLResponse,
            include_in_schema=False,
        )


class Pages:
    """The routes; remembers what the library holds for as long as its state lasts."""

    def __init__(self, templates: Jinja2Templates) -> None:
        self.templates = templates
        self._holdings: Holdings | None = None

    def ask(self, request: Request) -> Response:
        """The ask page: what can be asked, or the findings for the question in the address."""
        answerer = _answerer(request)
        form = AskForm.of(request.query_params)
        holdings = self._held(answerer.library)
        context: dict[str, Any] = {
            "form": form,
            "scope": form.scope(holdings.titles),
            "holdings": holdings,
            "speakers": holdings.named[:OFFERED],
            "transcripts": holdings.transcripts[:OFFERED],
            "latest": holdings.transcripts[:LATEST],
            "blank": _BLANK,
            "likely": LIKELY,
            "reply": None,
            "problem": None,
            "again": f"/?{request.url.query}",
        }
        status = 200
        if form.q and holdings.transcripts:
            try:
                answer = answerer.ask(form.q, filters=form.filters())
                context["reply"] = Reply.of(answer, form)
            except OnRecordError as error:
                context["problem"] = problem_of(error)
                status = context["problem"]["status"]
        return self._page(request, "ask.html", context, status)

    def transcript(self, request: Request, transcript_id: str) -> Response:
        """A transcript to read, with the sentence in the address marked."""
        document = _answerer(request).library.transcript(transcript_id)
        context = {
            "document": document,
            "speakers": views.speakers_of(document),
            "marked": views.marked_of(request.query_params, document),
        }
        return self._page(request, "transcript.html", context)

    def transcripts(self, request: Request) -> Response:
        """What the library holds, newest first."""
        library = _answerer(request).library
        holdings = self._held(library)
        number = request.query_params.get("page", "")
        leaf = Leaf.of(holdings.transcripts, number, TRANSCRIPTS_A_PAGE)
        with library.read():
            voices = {one.id: views.speakers_of(library.transcript(one.id)) for one in leaf.items}
        context = {
            "holdings": holdings,
            "leaf": leaf,
            "years": views.by_year(leaf.items),
            "voices": voices,
        }
        return self._page(request, "transcripts.html", context)

    def speakers(self, request: Request) -> Response:
        """Who speaks in the library, those with the most turns first."""
        holdings = self._held(_answerer(request).library)
        leaf = Leaf.of(holdings.named, request.query_params.get("page", ""), SPEAKERS_A_PAGE)
        return self._page(request, "speakers.html", {"holdings": holdings, "leaf": leaf})

    def guarded(self, page: Callable[..., Response]) -> Callable[..., Response]:
        """The route, with an error of ours told as a page of its status."""

        @wraps(page)
        def route(request: Request, **parameters: Any) -> Response:
            try:
                return page(request, **parameters)
            except OnRecordError as error:
                problem = problem_of(error)
                return self._page(request, "error.html", {"problem": problem}, problem["status"])

        return route

    def _held(self, library: Library) -> Holdings:
        if self._holdings is None or self._holdings.state != library.state():
            self._holdings = Holdings.of(library)
        return self._holdings

    def _page(
        self, request: Request, name: str, context: dict[str, Any], status: int = 200
    ) -> Response:
        return self.templates.TemplateResponse(request, name, context, status_code=status)


def _answerer(request: Request) -> Answerer:
    answerer: Answerer = request.app.state.answerer
    return answerer


def _templates(static: Path) -> Jinja2Templates:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # The address changes with the file, so that browsers may keep it.
    versions = {file.name: sha256(file.read_bytes()).hexdigest()[:10] for file in static.iterdir()}
    environment.globals["asset"] = lambda name: f"/static/{name}?v={versions[name]}"
    environment.globals.update(cut=views.cut, name_of=views.name_of, period=views.period)
    environment.filters.update(day=views.day, plural=views.plural, clock=views.clock)
    return Jinja2Templates(env=environment)
