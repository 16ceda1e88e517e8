"""`POST /v1/ask:batch`: many questions at once, for scripts that evaluate. Shapes and the route."""

from typing import Self

from fastapi import APIRouter, Response
from pydantic import ConfigDict, Field

from models.errors import OnRecordError
from service.answer import Answer, Answerer
from service.api.answers import AnswerShape
from service.api.routes import Service, problems
from service.api.schemas import AskRequest, ProblemShape, Shape
from service.errors import problem_of

MAX_QUESTIONS = 50
batch = APIRouter(prefix="/v1", tags=["ask"])


class BatchRequest(Shape):
    """Questions, each with its own filters."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "questions": [
                        {"question": "Is al-Baghdadi dead?", "k": 3},
                        {"question": "What was said about gas?", "speaker": "Sergey Lavrov"},
                    ]
                }
            ]
        }
    )

    questions: list[AskRequest] = Field(min_length=1, max_length=MAX_QUESTIONS)


class BatchItemShape(Shape):
    """What became of one question: an answer or a problem."""

    answer: AnswerShape | None = None
    problem: ProblemShape | None = None

    @classmethod
    def of(cls, outcome: Answer | OnRecordError) -> Self:
        if isinstance(outcome, OnRecordError):
            return cls(problem=ProblemShape(**problem_of(outcome)))
        return cls(answer=AnswerShape.of(outcome))


class BatchShape(Shape):
    """An item for each question, in the order of the questions."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "problem": {
                                "type": "urn:onrecord:problem:not-found",
                                "title": "There is nothing here",
                                "status": 404,
                                "detail": "no speaker 'nobody' in this library",
                            }
                        }
                    ]
                }
            ]
        }
    )

    items: list[BatchItemShape]


@batch.post("/ask:batch", response_model=BatchShape, responses=problems(422, 503))
def ask_batch(body: BatchRequest, service: Service) -> Response:
    """Asks up to 50 questions; one that cannot be asked has its problem, and the rest go on."""
    shape = BatchShape(items=[BatchItemShape.of(_ask(service, one)) for one in body.questions])
    return Response(shape.model_dump_json(), media_type="application/json")


def _ask(service: Answerer, one: AskRequest) -> Answer | OnRecordError:
    try:
        return service.ask(one.question, k=one.k, filters=one.to_domain(), hints=one.hints)
    except OnRecordError as error:
        # Where the service itself ails, no question can be answered.
        if problem_of(error)["status"] >= 500:
            raise
        return error
