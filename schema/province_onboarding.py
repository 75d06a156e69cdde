"""A whole province onboarded: asking for the job, and reading what it has done so far."""

from typing import Annotated, Self

import strawberry
from strawberry import relay

from schema.costs import Cost
from schema.errors import Language
from schema.fields import ONBOARDING, Info, command, read_field
from schema.jobs import Job, JobPayload
from schema.nodes import readable_one
from schema.onboarding import CountyAdminInput
from schema.texts import LONGEST_KEY, LONGEST_NAME, kept
from schema.user_errors import sentence_of
from tenants import province_onboarding
from tenants.province_onboarding import Failure, Progress
from tenants.refusals import RefusalCode


@strawberry.input(description="某县的管理员 / Who is to administer one of the counties.")
class AdminOfCountyInput:
    code: str = strawberry.field(description="The county's code, 6 or 12 digits.")
    admin: CountyAdminInput = strawberry.field(description="Its administrator.")


@strawberry.type(description="未能开通的县 / A county that was not onboarded, and why.")
class CountyNotOnboarded:
    code: str = strawberry.field(description="Its 12-digit code.")
    name: str = strawberry.field(description="Its name.")
    refusal: RefusalCode = strawberry.field(description="A stable code; never translated.")
    message: str = strawberry.field(description="The reason as a sentence, in the language asked for.")

    @classmethod
    def of(cls, failure: Failure, language: Language) -> Self:
        return cls(
            code=failure.code,
            name=failure.name,
            refusal=failure.refusal.code,
            message=sentence_of(failure.refusal, language),
        )


@strawberry.type(description="全省开通的进展 / What the onboarding of a province has done so far.")
class ProvinceOnboarding:
    job: Job = strawberry.field(description="The job.")
    new: list[str] = strawberry.field(description="The codes of the counties that it made places.")
    present: list[str] = strawberry.field(description="The codes of those that were places already.")
    failed: list[CountyNotOnboarded] = strawberry.field(
        description="Those that it could not onboard.", metadata={"cost": Cost(items=20)}
    )

    @classmethod
    def of(cls, job: Job, progress: Progress, language: Language) -> Self:
        return cls(
            job=job,
            new=list(progress.new),
            present=list(progress.present),
            failed=[CountyNotOnboarded.of(failure, language) for failure in progress.failures],
        )


@strawberry.type
class ProvinceOnboardingQuery:
    @read_field(
        permission="job.read",
        description="全省开通的进展 / What the onboarding of a province has done; null for another job.",
    )
    async def counties_onboarded(
        self,
        info: Info,
        job: Annotated[relay.GlobalID, strawberry.argument(description="The job of `countiesOnboard`.")],
    ) -> ProvinceOnboarding | None:
        found = await readable_one(info, Job, job)
        if found is None or found.kind != province_onboarding.KIND:
            return None
        progress = province_onboarding.progress_of(found.row)
        return ProvinceOnboarding.of(found, progress, info.context.language)


@strawberry.type
class ProvinceOnboardingMutation:
    @command(
        permission="place.create",
        payload=JobPayload,
        description="开通全省或所列各县 / Onboard the counties below by a job; nobody is invited.",
        cost=ONBOARDING,
    )
    async def counties_onboard(
        self,
        info: Info,
        base_profile: Annotated[
            str | None,
            strawberry.argument(
                description="The profile of a place above to live under; none when left out."
            ),
        ] = None,
        codes: Annotated[
            list[str] | None,
            strawberry.argument(
                description="The counties' codes; all below the viewer's place when left out."
            ),
        ] = None,
        admins: Annotated[
            list[AdminOfCountyInput] | None,
            strawberry.argument(
                description="Who administers which county; the others get the login `<code>-admin`."
            ),
        ] = None,
        idempotency_key: Annotated[
            str | None,
            strawberry.argument(description="Sent again with the same key, the command has one effect."),
        ] = None,
    ) -> JobPayload:
        context = info.context
        row = await province_onboarding.ask(
            context.viewer,
            context.access,
            base=kept(base_profile, "baseProfile", LONGEST_NAME),
            codes=codes,
            admins={one.code: one.admin.admin for one in admins or ()},
            key=kept(idempotency_key, "idempotencyKey", LONGEST_KEY),
        )
        return JobPayload(job=Job.of(row))
