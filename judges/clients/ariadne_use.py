"""A Python program over the generated client: signs in, asks who it is, and who approves four days' leave."""

import asyncio
import os

from zeren_client import Client
from zeren_client.enums import Ask, Outcome
from zeren_client.input_types import QuestionInput

FACTS = {"who": ["first_secretary"], "leave_days": 4, "written": True}


async def main() -> None:
    url, password = os.environ["ZEREN_URL"], os.environ["ZEREN_PASSWORD"]
    async with Client(url=url) as nobody:
        opened = (await nobody.sign_in(login="hn-first-secretary", password=password)).session_open
    assert opened.session is not None, opened.user_errors
    async with Client(url, headers={"Authorization": f"Bearer {opened.session.access_token}"}) as client:
        viewer = (await client.who_am_i()).viewer
        asked = QuestionInput(ask=Ask.ACT, about="leave")
        answer = (await client.ask_for_an_answer(question=asked, facts=FACTS)).decide
    assert viewer is not None
    assert viewer.name == "演示第一书记"
    assert answer is not None
    assert answer.outcome is Outcome.ROUTE
    assert [organ.id for organ in answer.steps[0].organs] == [
        "organisation_personnel_bureau",
        "dispatching_unit",
    ]


asyncio.run(main())
