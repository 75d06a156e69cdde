"""A county's own document with other grants in it, published as its next version."""

from datetime import date
from typing import Any
from uuid import UUID

import yaml

from policies import library, strict_yaml
from tenants import profiles
from tests.conftest import Database
from tests.front_door import arrange, person_of

HERE, PROFILE, COUNTY = "hn", "HN", "410173000000"
FIRST_DAY = date(2018, 6, 1)


def text_with(**more: Any) -> str:
    """The text of the county's profile with further parts: grants, authorities, terms."""
    data = strict_yaml.load(library.profile_text(PROFILE)) | more
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def publish(behind: Database, *, effective_from: date = FIRST_DAY, **more: Any) -> UUID:
    """Publishes the text as its next version, drafted by the administrator and checked by the auditor."""
    maker, checker = (person_of(behind, f"{HERE}-{login}") for login in ("admin", "auditor"))

    async def published() -> UUID:
        row = await profiles.publish(
            text_with(**more), effective_from=effective_from, drafted_by=maker, published_by=checker
        )
        return row.id

    return arrange(behind, COUNTY, published)


def denial(role: str, permission: str, reach: str) -> dict[str, str]:
    return {"role": role, "permission": permission, "reach": reach, "effect": "deny"}


def grant(role: str, permission: str, reach: str) -> dict[str, str]:
    return {"role": role, "permission": permission, "reach": reach}
