"""How a command ends early: with a sentence on standard error and the code 1, never with a traceback."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from api.app import WallsBroken
from api.embedded.error import ServerError
from api.guards import check_environment
from api.manifests import BadManifest
from api.settings import BadSettings, Settings, read_settings
from schema.errors import Language
from schema.user_errors import sentence_of
from tenants.refusals import Refusal


def stop(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(code=1)


@contextmanager
def stopping() -> Iterator[Settings]:
    """The settings for a command; what may be expected to go wrong in the block is told in a sentence."""
    if problems := check_environment():
        stop("\n".join(problems))
    try:
        yield read_settings()
    except (ServerError, BadSettings, BadManifest, WallsBroken) as error:
        stop(str(error))
    except Refusal as refusal:
        stop(f"{sentence_of(refusal, Language.ZH)} / {sentence_of(refusal, Language.EN)}")
