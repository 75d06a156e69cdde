"""What every part of a profile has in common: it is frozen, and it refuses a key that it does not know."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        # pydantic copies what was computed from the old content, too.
        for computed in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[computed]
        return copied


def as_day(value: object) -> date | None:
    """The day that a text is; None for anything else."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _as_day(value: Any) -> Any:
    if isinstance(value, str):
        return date.fromisoformat(value)
    if isinstance(value, date):
        return value
    raise ValueError('a day is written as "2018-06-15"')


def _as_many(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_as_day)]


def only(properties: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """For editors: an object that has these properties, perhaps the optional ones, and nothing else."""
    return {
        "type": "object",
        "properties": properties | optional,
        "required": list(properties),
        "additionalProperties": False,
    }


WORD = {"type": "string"}
Words = Annotated[
    tuple[str, ...],
    BeforeValidator(_as_many),
    WithJsonSchema({"anyOf": [WORD, {"type": "array", "items": WORD}]}),
]
"""One word or a list of them."""
