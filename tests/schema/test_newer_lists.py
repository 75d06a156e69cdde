"""The newer list of a county is a file: the storage may have lost it, or be away."""

from pathlib import Path
from shutil import rmtree

import pytest

from tests.client import Client
from tests.conftest import Database, serving
from tests.front_door import said
from tests.onboarding import ONBOARD, everything, onboard
from tests.schema.test_onboarding import sent

COUNTY = "440823"
ADMIN = {"name": "演示县级管理员", "login": "c440823-admin"}


def told(client: Client, file: str) -> dict[str, object]:
    asked = {"code": COUNTY, "admin": ADMIN, "dryRun": False, "newer": file}
    [error] = client.post(ONBOARD, asked, as_="p44-admin")["errors"]
    return dict(error["extensions"])


@pytest.mark.parametrize("is_away", [False, True], ids=["丢失", "不可用"])
def test_what_the_storage_cannot_give_is_told_and_onboards_nothing(
    demo_database: Database, tmp_path: Path, is_away: bool
) -> None:
    with serving(demo_database, data_dir=tmp_path) as client:
        file = sent(client, "p44-admin", "440823100,某镇\n")
        rmtree(tmp_path / "files")
        if is_away:
            (tmp_path / "files").touch()
        before = everything(demo_database)

        extensions = told(client, file)

        away = {"code": "STORAGE_UNAVAILABLE", "retriable": True}
        assert extensions == (away if is_away else {"code": "FILE_LOST"})
        assert everything(demo_database) == before
        (tmp_path / "files").unlink(missing_ok=True)
        again = sent(client, "p44-admin", "440823100,某镇\n")
        assert said(onboard(client, "p44-admin", COUNTY, newer=again)) == "ALLOW"
