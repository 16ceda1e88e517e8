"""JSON text → values, strictly: what standard JSON does not allow or two readers could take
differently is an error. And pydantic's findings → one clear sentence.
"""

import json
import re
from collections import Counter
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from indexer.errors import TranscriptError

_MAX_DIGITS = 18  # fits 64 bits
_SHOWN = 60
# JSON can write them as escapes, but no database and no page can show them.
NO_CHARACTER = re.compile("[\0\ud800-\udfff]")
Model = TypeVar("Model", bound=BaseModel)


def load(text: str, source: str) -> Any:
    """The value of a JSON text.

    Raises TranscriptError for what is no JSON: NaN, keys that stand twice in one object, numbers
    beyond 64 bits, and nesting deeper than Python's stack.
    """

    def refuse(reason: str) -> NoReturn:
        raise TranscriptError(source, reason)

    def constant(name: str) -> NoReturn:
        refuse(f"{name} is no JSON number: write null where there is no value")

    def whole(digits: str) -> int:
        return int(digits) if len(digits) <= _MAX_DIGITS else refuse(f"{_cut(digits)} is too large")

    def fraction(digits: str) -> float:
        value = float(digits)
        return value if abs(value) < float("inf") else refuse(f"{_cut(digits)} is too large")

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(found)
        if len(value) < len(found):
            twice = Counter(key for key, _ in found).most_common(1)[0][0]
            refuse(f"the key '{_cut(twice)}' stands twice in one object")
        return value

    try:
        return json.loads(
            text,
            object_pairs_hook=pairs,
            parse_constant=constant,
            parse_int=whole,
            parse_float=fraction,
        )
    except json.JSONDecodeError as error:
        raise TranscriptError(source, f"is not valid JSON: {error.msg}", error.lineno) from error
    except RecursionError as error:
        raise TranscriptError(source, "is nested too deeply to be a transcript") from error


def fit(model: type[Model], value: Any, source: str, at: str = "") -> Model:
    """The value as `model` has it; raises TranscriptError that names the first thing amiss.

    `at` is where in the file the value stands.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = "".join(
            f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]
        )
        reason = first["msg"].removeprefix("Value error, ").rstrip(".")
        where = f"{at}{place}".lstrip(".") or "the file"
        raise TranscriptError(source, f"{_cut(where)}: {reason[:1].lower()}{reason[1:]}") from error
    except RecursionError as error:
        raise TranscriptError(source, "is nested too deeply to be a transcript") from error


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
