"""Attachments: names that are data, bytes that are what they say, files that nobody names."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tenants import attachments
from tenants.attachments import Attachment, Label, Room
from tenants.refusals import Flaw, Refusal, RefusalCode
from tenants.secrets import Claims
from tenants.storage import Folder, Stored
from tests.conftest import Database
from tests.tenants.demonstration import sign_in, standing

PDF, SHEET = "application/pdf", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def flaw_of(refused: pytest.ExceptionInfo[Refusal]) -> Flaw:
    found: Flaw = refused.value.params["flaw"]
    return found


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("名单.csv", "名单.csv"),
        ("../../etc/passwd", "passwd"),
        (r"C:\Users\li\名单.csv", "名单.csv"),
        ("a\r\nSet-Cookie: x.csv", "aSet-Cookie: x.csv"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("...hidden", "hidden"),
        ("e\u0301.txt", "é.txt"),
    ],
)
def test_a_name_is_cleaned(name: str, cleaned: str) -> None:
    assert Label.of(name, "text/csv").name == cleaned


@pytest.mark.parametrize(
    ("name", "flaw"), [("", Flaw.BLANK), ("..", Flaw.BLANK), ("a/", Flaw.BLANK), ("长" * 201, Flaw.TOO_LONG)]
)
def test_a_name_that_says_nothing_or_too_much_is_refused(name: str, flaw: Flaw) -> None:
    with pytest.raises(Refusal) as refused:
        Label.of(name, "text/csv")

    assert flaw_of(refused) is flaw
    assert Label.of("长" * 200, "text/csv; charset=utf-8") == Label("长" * 200, "text/csv")


@pytest.mark.parametrize("media_type", ["text/html", "image/svg+xml", "application/javascript", ""])
def test_a_type_that_a_browser_would_run_is_not_taken(media_type: str) -> None:
    with pytest.raises(Refusal) as refused:
        Label.of("a", media_type)

    assert flaw_of(refused) is Flaw.TYPE_NOT_TAKEN


async def through(media_type: str, *chunks: bytes) -> bytes:
    async def sent() -> AsyncIterator[bytes]:
        for chunk in chunks:
            yield chunk

    return b"".join([chunk async for chunk in attachments.checked(media_type, sent())])


@pytest.mark.parametrize(
    ("media_type", "chunks"),
    [
        (PDF, (b"%PDF-1.7 and so on",)),
        (PDF, (b"%P", b"DF", b"-1.7 ", b"and so on")),
        ("image/png", (b"\x89PNG\r\n\x1a\n",)),
        (SHEET, (b"PK\x03\x04....",)),
        ("text/csv", ("名".encode(),)),
        ("text/plain", (b"a",)),
    ],
    ids=str,
)
async def test_bytes_of_their_type_pass_whole(media_type: str, chunks: tuple[bytes, ...]) -> None:
    assert await through(media_type, *chunks) == b"".join(chunks)


@pytest.mark.parametrize(
    ("media_type", "chunks", "flaw"),
    [
        (PDF, (b"<html>",), Flaw.NOT_OF_ITS_TYPE),
        (PDF, (b"%P", b"NG-1.7 and so on"), Flaw.NOT_OF_ITS_TYPE),
        ("text/csv", (b"a\0b",), Flaw.NOT_OF_ITS_TYPE),
        ("text/csv", (), Flaw.BLANK),
    ],
    ids=str,
)
async def test_other_bytes_are_refused(media_type: str, chunks: tuple[bytes, ...], flaw: Flaw) -> None:
    with pytest.raises(Refusal) as refused:
        await through(media_type, *chunks)

    assert flaw_of(refused) is flaw


async def kept(login: str | Claims, size: int = 1, key: str | None = None) -> Attachment:
    async with standing(login) as caller:
        stored = Stored(f"{caller.viewer.place_id}/{uuid4().hex}", size, "0" * 64)
        return await attachments.keep(caller.viewer, Label("a.txt", "text/plain"), stored, key=key)


async def number_kept(login: str) -> int:
    async with standing(login):
        return await Attachment.all().count()


FEW = Room(2, 1)


@pytest.mark.parametrize(
    ("whose", "sizes", "other_may"),
    [
        ("ROOM_OF_PERSON", (1, 1), True),
        ("ROOM_OF_PERSON", (2**20,), True),
        ("ROOM_OF_PLACE", (1, 1), False),
        ("ROOM_OF_PLACE", (2**20,), False),
    ],
)
async def test_a_person_and_a_place_keep_so_much_and_no_more(
    people_models: Database,
    monkeypatch: pytest.MonkeyPatch,
    whose: str,
    sizes: tuple[int, ...],
    other_may: bool,
) -> None:
    monkeypatch.setattr(attachments, whose, FEW)
    for number, size in enumerate(sizes):
        await kept("hn-first-secretary", size, key=str(number))

    with pytest.raises(Refusal) as refused:
        await kept("hn-first-secretary")
    assert refused.value.code is RefusalCode.TOO_MANY_FILES
    if other_may:
        await kept("hn-unit-head")
    else:
        with pytest.raises(Refusal):
            await kept("hn-unit-head")

    assert await number_kept("hn-first-secretary") == len(sizes) + other_may
    assert (await kept("tw-admin")).owner_id
    assert (await kept("hn-first-secretary", sizes[0], key="0")).size == sizes[0]


async def test_files_sent_at_once_do_not_pass_the_most(
    people_models: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "ROOM_OF_PERSON", Room(1, 1))
    claims = await sign_in("hn-first-secretary")

    answers = await asyncio.gather(*(kept(claims) for _ in range(4)), return_exceptions=True)

    refused = [one for one in answers if isinstance(one, Refusal)]
    assert [one.code for one in refused] == [RefusalCode.TOO_MANY_FILES] * 3
    assert await number_kept("hn-first-secretary") == 1


async def test_what_no_row_names_is_swept_and_nothing_else(people_models: Database, tmp_path: Path) -> None:
    folder = Folder(tmp_path / "files")

    async def bytes_() -> AsyncIterator[bytes]:
        yield b"x"

    async with standing("hn-first-secretary") as caller:
        place = caller.viewer.place_id
        named, orphan = await folder.write(place, bytes_()), await folder.write(place, bytes_())
        kept = await attachments.keep(caller.viewer, Label("a.txt", "text/plain"), named)
    soon, ago = datetime.now(UTC) + timedelta(minutes=1), datetime.now(UTC) - timedelta(minutes=1)

    assert await attachments.sweep(folder, place, ago) == 0
    assert await attachments.sweep(folder, uuid4(), soon) == 0
    assert await attachments.sweep(folder, place, soon) == 1
    assert await folder.keys_before(place, soon) == [named.key]
    assert orphan.key != kept.storage_key == named.key


class Crowded(Folder):
    """A storage in which each place has more files that nobody names than one statement can ask about."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.removed: set[str] = set()

    async def keys_before(self, place_id: UUID, moment: datetime) -> list[str]:
        return [f"{place_id}/{number:032x}" for number in range(33_000)]

    async def remove(self, key: str) -> None:
        self.removed.add(key)


async def test_more_files_than_one_statement_names_are_swept(people_models: Database, tmp_path: Path) -> None:
    crowded, place = Crowded(tmp_path / "files"), uuid4()

    assert await attachments.sweep(crowded, place, datetime.now(UTC)) == 33_000

    assert crowded.removed == set(await crowded.keys_before(place, datetime.now(UTC)))


async def test_who_may_read_is_decided_by_owner_code_and_permission(
    people_models: Database, tmp_path: Path
) -> None:
    folder = Folder(tmp_path / "files")

    async def bytes_() -> AsyncIterator[bytes]:
        yield b"x"

    async def kept(permission: str) -> Attachment:
        async with standing("hn-first-secretary") as caller:
            stored = await folder.write(caller.viewer.place_id, bytes_())
            label = Label("a.txt", "text/plain")
            return await attachments.keep(caller.viewer, label, stored, permission=permission)

    async def reads(login: str, one: Attachment) -> bool:
        async with standing(login) as caller:
            return bool(await attachments.readable(caller.viewer, caller.access, [one.id]))

    own, of_leave, of_audit = [await kept(p) for p in ("attachment.read", "leave.read", "audit.read")]
    logins = ("hn-first-secretary", "hn-township-secretary", "hn-auditor", "hn-unit-head", "tw-admin")

    assert [await reads(login, own) for login in logins] == [True, False, False, False, False]
    assert [await reads(login, of_leave) for login in logins] == [True, True, False, True, False]
    assert [await reads(login, of_audit) for login in logins] == [False, False, True, False, False]
