"""The shapes of the OpenAI-compatible operations; the HTTP edge only.

What clients send beyond them is accepted and not used.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from indexer.errors import QueryError
from service.api.answers import AnswerShape
from service.api.schemas import FilterShape, K, WithHints

MODEL = "onrecord"


class ChatPart(BaseModel):
    """A part of a message; only texts are read."""

    type: str
    text: str | None = None


class ChatMessage(BaseModel):
    """A message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | Annotated[list[ChatPart], Field(max_length=1000)] | None = None


class ChatOptions(FilterShape):
    """What On the Record can be asked beyond OpenAI's parameters; the filters of /v1/ask."""

    k: K = 5
    hints: WithHints = True


class ChatFormat(BaseModel):
    """The form of the answer, which is always text."""

    type: Literal["text"]


class ChatStreamOptions(BaseModel):
    """How a stream ends."""

    include_usage: bool = False


class ChatRequest(BaseModel):
    """Parameters of a language model (temperature, max_tokens, tools, …) are accepted, not used."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [{"role": "user", "content": "Is al-Baghdadi dead?"}],
                    "onrecord": {"speaker": "Sergey Lavrov", "k": 3},
                }
            ]
        }
    )

    model: str = Field(description=f"'{MODEL}'")
    messages: list[ChatMessage] = Field(min_length=1, max_length=1000)
    stream: bool | None = False
    stream_options: ChatStreamOptions | None = None
    n: Literal[1] | None = Field(1, description="a question has one answer")
    response_format: ChatFormat | None = None
    onrecord: ChatOptions = Field(default_factory=lambda: ChatOptions.model_validate({}))

    def question(self) -> str:
        """The text of the user's last message. Raises QueryError where there is none."""
        content = next((one.content for one in reversed(self.messages) if one.role == "user"), None)
        if content is None:
            raise QueryError("no message has the role 'user' and a content: ask something")
        if isinstance(content, str):
            return content
        texts = [part.text for part in content if part.type == "text" and part.text is not None]
        if len(texts) < len(content):
            raise QueryError("the question has a part that is no text: ask in words alone")
        return "\n".join(texts)


class ChatUrlCitation(BaseModel):
    """Where the cited paragraph stands in the web page, and where in the content it is cited."""

    start_index: int
    end_index: int = Field(description="character after the last")
    url: str
    title: str


class ChatAnnotation(BaseModel):
    """A citation as OpenAI's own search tool gives it."""

    type: Literal["url_citation"] = "url_citation"
    url_citation: ChatUrlCitation


class ChatAnswer(BaseModel):
    """The answer: Markdown with footnotes, and the same as data in the form of /v1/ask."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None
    annotations: list[ChatAnnotation]
    onrecord: AnswerShape


class ChatChoice(BaseModel):
    """The one answer."""

    index: Literal[0] = 0
    message: ChatAnswer
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class ChatUsage(BaseModel):
    """Always 0: no language model reads or writes tokens."""

    prompt_tokens: Literal[0] = 0
    completion_tokens: Literal[0] = 0
    total_tokens: Literal[0] = 0


class ChatCompletion(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str = MODEL
    choices: list[ChatChoice]
    usage: ChatUsage = ChatUsage()


class ModelShape(BaseModel):
    """What can be named as a model; `created` is 0, as it is no model of a date."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "onrecord"


class ModelsShape(BaseModel):
    """The one model."""

    object: Literal["list"] = "list"
    data: list[ModelShape]


class ChatErrorBody(BaseModel):
    """What went wrong; `param` names the field."""

    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ChatError(BaseModel):
    """An error as OpenAI's clients read it."""

    error: ChatErrorBody
