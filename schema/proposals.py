"""What a newer version of the document from above would change here, rule by rule, before it is adopted."""

from datetime import date
from typing import Self

import strawberry

from policies import proposal
from policies.kinds.rule import Rule as LawRule
from schema.costs import Cost
from schema.enums import enum
from schema.errors import Language
from schema.fields import Info, read_field
from schema.profile_contents import ProfilePin, ProfileSetting
from schema.profile_reviews import REVIEWING, ProfileProblem
from schema.profiles import LONG_TEXT
from schema.rules import Rule
from tenants import proposals
from tenants.profiles import LawInForce
from tenants.proposals import Proposal

enum(proposal.Difference, name="Difference", description="新旧之别 / What has become of something.")


@strawberry.type(description="上级文件一条规则的变化 / What has become of a rule from above.")
class RuleChange:
    rule: str = strawberry.field(description="The rule's id.")
    difference: proposal.Difference = strawberry.field(description="Added, removed or changed.")
    before: Rule | None = strawberry.field(description="As the place has it now; null where it is added.")
    after: Rule | None = strawberry.field(description="As it would be; null where it is removed.")
    replaced_by: Rule | None = strawberry.field(
        description="The place's own rule in its place; where there is one, that one keeps speaking."
    )

    @classmethod
    def of(cls, change: proposal.RuleChange, found: Proposal) -> Self:
        either = change.after or change.before
        assert either is not None, "something was there before, or is now"
        return cls(
            rule=either.id,
            difference=change.difference,
            before=_maybe(change.before, found.pinned),
            after=_maybe(change.after, found.newer),
            replaced_by=_maybe(change.replaced_by, found.own),
        )


def _maybe(rule: LawRule | None, law: LawInForce) -> Rule | None:
    return Rule.of(rule, law, law.owner_id) if rule is not None else None


@strawberry.type(description="上级文件一个参数的变化 / What has become of a setting from above.")
class SettingChange:
    name: str = strawberry.field(description="The setting's name.")
    difference: proposal.Difference = strawberry.field(description="Added, removed or changed.")
    before: ProfileSetting | None = strawberry.field(description="As it is now; null where it is added.")
    after: ProfileSetting | None = strawberry.field(description="As it would be; null where it is removed.")

    @classmethod
    def of(cls, change: proposal.SettingChange) -> Self:
        before, after = (
            ProfileSetting.of(change.name, one, []) if one else None for one in (change.before, change.after)
        )
        return cls(name=change.name, difference=change.difference, before=before, after=after)


@strawberry.type(
    description="上级新版本的采用建议 / A newer version from above, and what adopting it changes."
)
class ProfileProposal:
    pinned: ProfilePin = strawberry.field(description="The version above that the place's profile pins.")
    newer: ProfilePin = strawberry.field(description="The newest version above.")
    effective_from: date = strawberry.field(description="The first day on which the newer one is asked for.")
    rules: list[RuleChange] = strawberry.field(
        description="The rules from above that differ, in their order; those removed last.",
        metadata={"cost": Cost(items=20)},
    )
    settings: list[SettingChange] = strawberry.field(description="The settings from above that differ.")
    problems: list[ProfileProblem] = strawberry.field(
        description="What the place's own rules would be refused for beside the newer version."
    )
    may_be_published: bool = strawberry.field(description="Whether the text could be published as it is.")
    text: str = strawberry.field(
        description="The place's own text with the newer version pinned. Draft and publish it to adopt that.",
        metadata={"cost": LONG_TEXT},
    )

    @classmethod
    def of(cls, found: Proposal, language: Language) -> Self:
        pinned, newer = (
            ProfilePin(name=one.law.id if one.law else "", version=one.version or 0)
            for one in (found.pinned, found.newer)
        )
        return cls(
            pinned=pinned,
            newer=newer,
            effective_from=found.effective_from,
            rules=[RuleChange.of(change, found) for change in found.rules],
            settings=[SettingChange.of(change) for change in found.settings],
            problems=[ProfileProblem.of(problem, language) for problem in found.review.problems],
            may_be_published=found.review.may_be_published,
            text=found.text,
        )


@strawberry.type
class ProposalQuery:
    @read_field(
        permission="profile.create",
        description="上级文件有新版本时：逐条变化及采用后的文本 / Where the document above has a newer"
        " version: what it changes, and the text that adopts it; null where there is none.",
        cost=REVIEWING,
    )
    async def profile_proposal(self, info: Info) -> ProfileProposal | None:
        found = await proposals.proposal_for(info.context.viewer)
        return ProfileProposal.of(found, info.context.language) if found is not None else None
