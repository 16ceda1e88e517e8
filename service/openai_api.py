"""The OpenAI-compatible edge: /v1/chat/completions and /v1/models, for chat front ends and SDKs.

The last message of the user is the question. What is answered is cited, never written: there is
no language model behind it, and earlier messages are accepted and not used.
"""

import json
import logging
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from indexer.errors import NotFound
from models.errors import OnRecordError
from service.answer import Answer
from service.api.answers import AnswerShape
from service.api.openai import (
    MODEL,
    ChatAnnotation,
    ChatAnswer,
    ChatChoice,
    ChatCompletion,
    ChatError,
    ChatErrorBody,
    ChatRequest,
    ChatUrlCitation,
    ChatUsage,
    ModelShape,
    ModelsShape,
)
from service.api.routes import Service
from service.errors import problem_of
from service.markdown import Written, write

_LOG = logging.getLogger("onrecord")


class OpenAIRoute(APIRoute):
    """Answers every error in OpenAI's shape, in which a request that does not fit is 400."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                first = error.errors()[0]
                param = ".".join(str(part) for part in first["loc"][1:])
                return _error(400, f"{param or 'body'}: {first['msg']}", "invalid", param or None)
            except HTTPException as error:
                return _error(error.status_code, str(error.detail))
            except OnRecordError as error:
                told = problem_of(error)
                if told["status"] >= 500:
                    _LOG.error("%s %s: %s", request.method, request.url.path, error)
                status = 400 if told["status"] == 422 else told["status"]
                return _error(status, told["detail"], told["type"].rsplit(":", 1)[1])

        return handle


def _error(
    status: int, message: str, code: str | None = None, param: str | None = None
) -> JSONResponse:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    body = ChatErrorBody(message=message, type=kind, param=param, code=code)
    return JSONResponse(ChatError(error=body).model_dump(), status)


openai = APIRouter(
    prefix="/v1",
    tags=["openai"],
    route_class=OpenAIRoute,
    responses={status: {"model": ChatError} for status in ("4XX", "5XX")},
)


@openai.post(
    "/chat/completions",
    response_model=ChatCompletion,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def complete(body: ChatRequest, request: Request, service: Service) -> Response:
    """Answers the user's last message: the cited words as Markdown with footnotes, and as data.

    Streamed, it comes in the same words: whole before its first chunk, as it is found at once.
    """
    _check_model(body.model)
    options = body.onrecord
    answer = service.ask(
        body.question(), k=options.k, filters=options.to_domain(), hints=options.hints
    )
    base = str(request.base_url).rstrip("/")
    written = write(answer, base)
    completion = ChatCompletion(
        id=f"chatcmpl-{uuid4().hex}",
        created=int(time.time()),
        choices=[ChatChoice(message=_message(answer, written, base))],
    )
    if not body.stream:
        return Response(completion.model_dump_json(), media_type="application/json")
    with_usage = body.stream_options is not None and body.stream_options.include_usage
    chunks = _chunks(completion, written, with_usage)
    events = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks]
    return Response("".join((*events, "data: [DONE]\n\n")), media_type="text/event-stream")


@openai.get("/models")
def list_models() -> ModelsShape:
    """The one name that a client can give as its model."""
    return ModelsShape(data=[ModelShape()])


@openai.get("/models/{model}")
def get_model(model: str) -> ModelShape:
    """The one model by its name."""
    _check_model(model)
    return ModelShape()


def _check_model(model: str) -> None:
    if model != MODEL:
        raise NotFound(f"there is no model {model!r}: the model here is {MODEL!r}")


def _message(answer: Answer, written: Written, base: str) -> ChatAnswer:
    return ChatAnswer(
        content="".join(written.blocks),
        annotations=[
            ChatAnnotation(
                url_citation=ChatUrlCitation(
                    start_index=cited.start,
                    end_index=cited.end,
                    url=f"{base}{cited.citation.href}",
                    title=f"{cited.citation.title}, paragraph {cited.citation.paragraph}",
                )
            )
            for cited in written.cited
        ],
        onrecord=AnswerShape.of(answer),
    )


def _chunks(
    completion: ChatCompletion, written: Written, with_usage: bool
) -> Iterator[dict[str, Any]]:
    """The role, the blocks of the content, the citations as data with the end; then the usage."""
    head = {
        "id": completion.id,
        "object": "chat.completion.chunk",
        "created": completion.created,
        "model": completion.model,
    }
    data = completion.choices[0].message.model_dump(
        mode="json", include={"annotations", "onrecord"}
    )
    deltas = [{"role": "assistant", "content": ""}, *({"content": one} for one in written.blocks)]
    last = len(deltas)
    for at, delta in enumerate((*deltas, data)):
        finish = "stop" if at == last else None
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        yield {**head, "choices": [choice]}
    if with_usage:
        yield {**head, "choices": [], "usage": ChatUsage().model_dump()}
