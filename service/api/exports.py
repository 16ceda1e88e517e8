"""`GET /v1/citations`: passages as citations, to be saved. The route; see service.exports."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from indexer.errors import QueryError
from service.api.etags import UNCHANGED, Revalidated
from service.api.routes import Service, problems
from service.exports import Form, export
from service.passages import quoted

MAX_IDS = 100
exports = APIRouter(prefix="/v1", tags=["cite"], route_class=Revalidated)
_EXAMPLES: dict[str, str] = {
    "text/markdown": "> “Nobody has seen the boat since Friday.”\n>\n> — Ana Berg, *Talks*, …\n",
    "application/x-bibtex": "@misc{talks:p5,\n  author = {{Ana Berg}},\n  …\n}\n",
    "application/x-research-info-systems": "TY  - GEN\r\nID  - talks:p5\r\n…\r\nER  - \r\n",
    "text/csv": "id,speaker,role,title,date,paragraphs,quote,url\r\ntalks:p5,Ana Berg,…\r\n",
    "application/vnd.citationstyles.csl+json": '[{"id": "talks:p5", "type": "speech", …}]',
}
_CONTENT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One file with all citations, in the order of the ids",
        "content": {
            kind: {"schema": {"type": "string"}, "example": text}
            for kind, text in _EXAMPLES.items()
        },
    }
}


@exports.get(
    "/citations", response_class=Response, responses=_CONTENT | UNCHANGED | problems(404, 422, 503)
)
def get_citations(
    request: Request,
    service: Service,
    ids: Annotated[
        list[str],
        Query(
            min_length=1,
            max_length=MAX_IDS,
            description="ids of passages: between commas, or the parameter again",
            examples=[["talks:p5"]],
        ),
    ],
    format: Annotated[Form, Query(description="the form of the file")] = Form.MARKDOWN,  # noqa: A002
) -> Response:
    """Passages as citations for an article, a spreadsheet or a reference manager."""
    wanted = [id_ for part in ids for id_ in part.split(",") if id_]
    if not 0 < len(wanted) <= MAX_IDS:
        raise QueryError(f"{len(wanted)} ids are given: ask for 1 to {MAX_IDS} passages at a time")
    base = str(request.base_url).rstrip("/")
    file = export(format, quoted(service.library, wanted), base)
    return Response(
        file.text,
        media_type=file.media_type,
        headers={"content-disposition": f'attachment; filename="{file.name}"'},
    )
