"""What a command makes of the law's answer, and of the rights behind it."""

from datetime import date

import pytest

from policies import library
from policies.access import access_of
from policies.decisions import Question
from policies.outcomes import Ask, Outcome
from policies.profile import Grant, Profile
from policies.questions import decide
from tenants import decisions, leave
from tenants.leave import Draft
from tenants.people import Post
from tenants.profiles import LawInForce
from tenants.refusals import Refusal, RefusalCode
from tests.conftest import Database
from tests.tenants.demonstration import Caller, standing

WHO = "hn-first-secretary"
FACTS = {"who": ("first_secretary",), "leave_days": 2, "written": True}


def under(caller: Caller, law: Profile) -> LawInForce:
    in_force = caller.law
    return LawInForce(in_force.profile_id, in_force.owner_id, in_force.version, law, access_of(law))


async def refusal_under(caller: Caller, law: LawInForce) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await leave.submit(caller.viewer, law, Draft(date(2018, 6, 18), date(2018, 6, 19)))
    return refused.value


async def test_a_guard_alone_opens_nothing(people_models: Database) -> None:
    """The law allows it and does not say through whose hands: nobody may sign, so nobody grants it."""
    own = library.own_profile("HN")
    guards = own.model_copy(update={"rules": tuple(rule for rule in own.rules if rule.kind != "flow")})
    assert decide(guards, Question(Ask.ACT, "leave"), FACTS, date(2018, 6, 15)).outcome is Outcome.ALLOW

    async with standing(WHO) as caller:
        refused = await refusal_under(caller, under(caller, guards))

    assert refused.code is RefusalCode.UNSPECIFIED


async def test_a_denial_on_ones_own_case_is_heard(people_models: Database) -> None:
    own = library.own_profile("HN")
    denial = Grant(role="first_secretary", permission="leave.submit", reach="own", effect="deny")
    denying = own.model_copy(update={"grants": (denial,)})

    async with standing(WHO) as caller:
        refused = await refusal_under(caller, under(caller, denying))
        post = await Post.get(id=caller.viewer.posts[0].id)
        decisions.require_right(caller.viewer, caller.law, "leave.submit", post)

    assert refused.code is RefusalCode.FORBIDDEN
