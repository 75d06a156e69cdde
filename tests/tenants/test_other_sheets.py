"""The sheets of people and of pairings: what each row becomes, and what is wrong with it."""

from typing import Any

import pytest

from tenants import imports, people, scope, workbooks
from tenants.attachments import Attachment
from tenants.households import Household
from tenants.imports import ImportMode, ImportNoun, Outcome
from tenants.jobs import JobState
from tenants.pairings import Pairing
from tenants.people import Person, Post
from tenants.refusals import Refusal, RefusalCode
from tests.tenants.demonstration import standing
from tests.tenants.test_imports import COUNTY, CSV, folder, sent
from tests.tenants.work import ended

__all__ = ["folder"]
PEOPLE, PAIRINGS = ImportNoun.PEOPLE, ImportNoun.PAIRINGS
VILLAGE = "410173108201"
# Who enters which.
ADMIN = "hn-admin"
LOGINS = {PEOPLE: ADMIN, PAIRINGS: COUNTY}


async def entered(
    folder: Any,
    noun: ImportNoun,
    rows: list[str],
    mode: ImportMode = ImportMode.REJECT_EVERYTHING,
    login: str | None = None,
) -> tuple[Outcome, list[tuple[int, str, str]]]:
    """What a file of these rows has come to, and row, header and code of what is wrong."""
    login = login or LOGINS[noun]
    sheet = imports.NOUNS[noun.value].sheet
    text = "\n".join([",".join(column.header for column in sheet.columns), *rows])
    attachment = await sent(folder, "演示.csv", CSV, text.encode(), login)
    async with standing(login) as caller:
        job = await imports.ask(caller.viewer, caller.access, noun, attachment.id, mode, is_dry=False)
    job = await ended(job)
    outcome = imports.outcome_of(job)
    assert (job.state, job.failure) == (JobState.DONE, None)
    assert outcome is not None
    headers = {column.key: column.header for column in sheet.columns}
    return outcome, [(f.row, headers.get(f.column, ""), f.code.value) for f in outcome.findings]


async def test_people_are_entered_with_their_posts(folder: Any) -> None:
    outcome, found = await entered(
        folder,
        PEOPLE,
        [
            f"演示新人甲,第一书记,{VILLAGE},2018-03-01,演示派出单位甲,,演示任职文件",
            f"演示新人甲,驻村工作队员,{VILLAGE},2018-03-01,演示派出单位甲,,",
            f"演示新人乙,驻村工作队员,{VILLAGE},2018-03-01,,,",
        ],
    )

    assert (found, outcome.objects, outcome.entered) == ([], 2, 2)
    async with standing(ADMIN):
        person = await Person.get(name="演示新人甲")
        posts = await Post.filter(person_id=person.id).order_by("role")
        other = await Person.get(name="演示新人乙")
        assert await Post.filter(person_id=other.id).count() == 1
    assert [(post.role, post.code) for post in posts] == [
        ("first_secretary", VILLAGE),
        ("village_team_member", VILLAGE),
    ]
    assert posts[0].source_document == "演示任职文件"
    assert all(post.unit_id is not None for post in posts)


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        ([f",第一书记,{VILLAGE},2018-03-01,,,"], (2, "姓名", "BLANK")),
        ([f"某,县区管理员,{VILLAGE},2018-03-01,,,"], (2, "职务", "NOT_A_CHOICE")),
        (["某,第一书记,某村,2018-03-01,,,"], (2, "任职区划", "UNKNOWN_DIVISION")),
        (["某,第一书记,宋庄村委会,2018-03-01,,,"], (2, "任职区划", "AMBIGUOUS_DIVISION")),
        ([f"某,第一书记,{VILLAGE},三月,,,"], (2, "任职日期", "NOT_A_DAY")),
        ([f"某,第一书记,{VILLAGE},2018-03-01,某单位,,"], (2, "单位", "UNKNOWN_UNIT")),
        ([f"某,第一书记,{VILLAGE},2018-03-01,,某级,"], (2, "职级", "NOT_A_CHOICE")),
        ([f"某,第一书记,{VILLAGE},2018-03-01,,,"] * 2, (3, "职务", "REPEATED")),
        (["演示第一书记,第一书记,410173113202,2018-03-01,,,"], (2, "职务", "ALREADY_THERE")),
    ],
)
async def test_what_is_wrong_with_people(folder: Any, rows: list[str], error: tuple[int, str, str]) -> None:
    async with standing(ADMIN):
        before = await Person.all().count(), await Post.all().count()

    outcome, found = await entered(folder, PEOPLE, rows)

    assert (found, outcome.entered) == ([error], 0)
    async with standing(ADMIN):
        assert (await Person.all().count(), await Post.all().count()) == before


async def test_a_refusal_of_the_noun_is_named_and_leaves_nothing_behind(
    folder: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of three is refused by the operation itself, after its person was made."""
    stock = people.open_post

    async def refusing(person_id: Any, role: str, code: str, begins_on: Any, **details: Any) -> Post:
        if (await Person.get(id=person_id)).name == "演示新人2":
            raise Refusal(RefusalCode.DENIED)
        return await stock(person_id, role, code, begins_on, **details)

    monkeypatch.setattr(people, "open_post", refusing)
    rows = [f"演示新人{number},第一书记,{VILLAGE},2018-03-01,,," for number in (1, 2, 3)]

    nothing, found = await entered(folder, PEOPLE, rows)
    assert (found, nothing.entered) == ([(3, "", "REFUSED")], 0)
    async with standing(ADMIN):
        assert await Person.filter(name__startswith="演示新人").count() == 0

    others, found = await entered(folder, PEOPLE, rows, ImportMode.REJECT_FAILED_ROWS)
    assert (found, others.entered) == ([(3, "", "REFUSED")], 2)
    async with standing(ADMIN):
        names = sorted([one.name for one in await Person.filter(name__startswith="演示新人")])
    assert names == ["演示新人1", "演示新人3"]


async def test_pairings_are_entered(folder: Any) -> None:
    outcome, found = await entered(folder, PAIRINGS, ["演示-0001,演示第一书记,,2018-03-01"])

    assert (found, outcome.entered) == ([], 1)
    async with standing(ADMIN):
        household = await Household.get(number="演示-0001")
        helper = await Person.get(name="演示第一书记")
        pairing = await Pairing.get(household_id=household.id, person_id=helper.id)
    assert (pairing.code, pairing.begins_on.isoformat()) == (household.code, "2018-03-01")


@pytest.mark.parametrize(
    ("rows", "error"),
    [
        (["演示-9999,演示第一书记,,2018-03-01"], (2, "户编号", "UNKNOWN_HOUSEHOLD")),
        (["演示-0001,无此人,,2018-03-01"], (2, "帮扶人", "UNKNOWN_PERSON")),
        (["演示-0001,演示第一书记,演示派出单位乙,2018-03-01"], (2, "帮扶人", "UNKNOWN_PERSON")),
        (["演示-0001,演示驻村工作队员,,2018-03-01"], (2, "帮扶人", "ALREADY_THERE")),
        (["演示-0001,演示第一书记,,2018-03-01"] * 2, (3, "帮扶人", "REPEATED")),
        (["演示-0001,演示第一书记,,"], (2, "结对日期", "BLANK")),
    ],
)
async def test_what_is_wrong_with_pairings(folder: Any, rows: list[str], error: tuple[int, str, str]) -> None:
    async with standing(ADMIN):
        before = await Pairing.all().count()

    outcome, found = await entered(folder, PAIRINGS, rows)

    assert (found, outcome.entered) == ([error], 0)
    async with standing(ADMIN):
        assert await Pairing.all().count() == before


async def test_of_two_of_one_name_the_unit_says_which_is_meant(folder: Any) -> None:
    async with standing(ADMIN):
        namesake = await people.create(name="演示第一书记")

    outcome, found = await entered(folder, PAIRINGS, ["演示-0001,演示第一书记,,2018-03-01"])
    assert (found, outcome.entered) == ([(2, "帮扶人", "AMBIGUOUS_PERSON")], 0)

    outcome, found = await entered(folder, PAIRINGS, ["演示-0001,演示第一书记,演示派出单位甲,2018-03-01"])
    assert (found, outcome.entered) == ([], 1)
    async with standing(ADMIN):
        assert await Pairing.filter(person_id=namesake.id).count() == 0


async def test_who_reaches_a_township_pairs_there_and_nowhere_else(folder: Any) -> None:
    rows = ["演示-0003,演示第一书记,,2018-03-01"]
    _, found = await entered(folder, PAIRINGS, rows, login="hn-township-secretary")
    assert found == [(2, "户编号", "OUT_OF_REACH")]

    outcome, found = await entered(
        folder, PAIRINGS, ["演示-0002,演示驻村工作队员,,2018-03-01"], login="hn-township-secretary"
    )
    assert (found, outcome.entered) == ([], 1)


async def test_who_may_enter_no_people_is_refused(folder: Any) -> None:
    attachment = await sent(folder, "演示.csv", CSV, b"x", "hn-township-secretary")
    async with standing("hn-township-secretary") as caller:
        with pytest.raises(Refusal) as refused:
            await imports.ask_template(caller.viewer, caller.access, PEOPLE)
        mode = ImportMode.REJECT_EVERYTHING
        with pytest.raises(Refusal) as refused_too:
            await imports.ask(caller.viewer, caller.access, PEOPLE, attachment.id, mode, is_dry=True)
    assert refused.value.code == refused_too.value.code == "FORBIDDEN"
    async with standing(ADMIN) as caller:
        assert await imports.ask_template(caller.viewer, caller.access, PEOPLE)


@pytest.mark.parametrize("noun", [PEOPLE, PAIRINGS])
async def test_each_template_is_read_as_an_empty_file_of_its_noun(folder: Any, noun: ImportNoun) -> None:
    async with standing(LOGINS[noun]) as caller:
        asked = await imports.ask_template(caller.viewer, caller.access, noun)
    job = await ended(asked)
    async with scope.open(reads=[job.tenant_id]):
        kept = await Attachment.get(id=job.attachment_id)
    table = await workbooks.read(
        workbooks.XLSX, await folder.read(kept.storage_key), imports.NOUNS[noun.value].sheet.title
    )
    headers = [column.header for column in imports.NOUNS[noun.value].sheet.columns]
    assert [str(cell).rstrip("*") for cell in table.rows[0].cells] == headers
    assert len(table.rows) == 1
