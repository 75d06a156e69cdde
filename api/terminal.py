"""What the commands have in common: what they read from the command line, and how they print."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from strawberry import relay
from strawberry.relay.types import GlobalIDValueError
from strawberry.types import has_object_definition
from strawberry.utils.str_converters import to_camel_case

from api import json
from api.settings import BadSettings
from tenants import clock

AsJson = Annotated[bool, typer.Option("--json", help="供程序读取 / As JSON, for programs.")]


def row_id(given: str, argument: str, zh: str, en: str) -> UUID:
    """An id as the command line prints it, or as GraphQL does. Raises BadSettings in the thing's words."""
    try:
        return UUID(given)
    except ValueError:
        pass
    try:
        return UUID(relay.GlobalID.from_id(given).node_id)
    except (GlobalIDValueError, ValueError):
        raise BadSettings(f"{argument}: {given} 不是{zh}编号 / is no {en}'s id") from None


def text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise BadSettings(f"{path}: 不是 UTF-8 文本 / is no text in UTF-8") from None


def print_json(value: object) -> None:
    typer.echo(json.write(value).decode())


def named_as_in_graphql(data: Any) -> Any:
    """Plain data, and objects of the schema with every field that takes no argument."""
    if isinstance(data, dict):
        return {to_camel_case(name): named_as_in_graphql(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [named_as_in_graphql(one) for one in data]
    return named_as_in_graphql(_fields_of(data)) if has_object_definition(data) else data


def _fields_of(shown: Any) -> dict[str, Any]:
    """What an object shows: what it holds, and what it computes from nothing else."""
    fields = shown.__strawberry_definition__.fields
    held = {field.python_name: getattr(shown, field.python_name) for field in fields if not field.arguments}
    return {name: value() if callable(value) else value for name, value in held.items()}


def told_moment(moment: datetime) -> str:
    return moment.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
