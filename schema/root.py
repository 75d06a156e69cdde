"""The schema: every noun's queries and mutations put together."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from schema.acting import ActingQuery
from schema.activities import Activity, ActivityMutation
from schema.appointments import AppointmentMutation
from schema.approvals import ApprovalMutation
from schema.audit import AuditQuery
from schema.comparisons import ComparisonQuery
from schema.county_summaries import CountySummaryQuery
from schema.decisions import DecisionQuery
from schema.delegations import DelegationMutation
from schema.division_changes import DivisionMutation
from schema.divisions import Division, DivisionQuery
from schema.documents import Documents
from schema.duties import DutyQuery
from schema.execution import ZerenSchema
from schema.exports import ExportMutation
from schema.households import Household, HouseholdQuery, Member
from schema.imports import ImportMutation, ImportQuery
from schema.jobs import JobMutation, JobQuery, JobSubscription
from schema.leave import Leave, LeaveMutation, LeaveQuery
from schema.limits import Limits
from schema.names import Names
from schema.nodes import NodeQuery
from schema.notices import NoticeMutation, NoticeQuery
from schema.onboarding import OnboardingMutation
from schema.operation import SIGN_IN_FIELDS, one_transaction
from schema.outings import Outing, OutingMutation, OutingQuery
from schema.pairing_changes import PairingMutation, PairingQuery
from schema.pairings import Pairing
from schema.people import PeopleQuery, Person, Unit
from schema.person_changes import PersonMutation
from schema.places import PlaceQuery
from schema.profile_reviews import ProfileReviewQuery
from schema.profiles import ProfileDraft, ProfileMutation, ProfileQuery, ProfileVersion
from schema.proposals import ProposalQuery
from schema.province_onboarding import ProvinceOnboardingMutation, ProvinceOnboardingQuery
from schema.records import Record, RecordMutation, RecordQuery
from schema.requests import RequestQuery
from schema.responsibilities import ResponsibilityQuery
from schema.rules import RuleQuery
from schema.scalars import SCALARS
from schema.sessions import SessionMutation
from schema.suspension import SuspensionMutation
from schema.teams import Team, TeamMutation, TeamQuery
from schema.terms import TermQuery
from schema.unit_changes import UnitMutation
from schema.viewer import ViewerQuery, ViewerSubscription


@strawberry.type(description="查询：只读，不留痕迹 / What can be asked. Asking changes nothing.")
class Query(
    ActingQuery,
    AuditQuery,
    ComparisonQuery,
    CountySummaryQuery,
    ProposalQuery,
    DecisionQuery,
    DivisionQuery,
    DutyQuery,
    HouseholdQuery,
    ImportQuery,
    JobQuery,
    LeaveQuery,
    NodeQuery,
    NoticeQuery,
    OutingQuery,
    PeopleQuery,
    RecordQuery,
    PairingQuery,
    PlaceQuery,
    ProfileQuery,
    ProfileReviewQuery,
    ProvinceOnboardingQuery,
    RequestQuery,
    ResponsibilityQuery,
    RuleQuery,
    TeamQuery,
    TermQuery,
    ViewerQuery,
):
    pass


@strawberry.type(description="变更：一次一项 / What can be done, one thing at a time.")
class Mutation(
    ActivityMutation,
    AppointmentMutation,
    ApprovalMutation,
    DelegationMutation,
    DivisionMutation,
    ExportMutation,
    ImportMutation,
    JobMutation,
    LeaveMutation,
    NoticeMutation,
    OnboardingMutation,
    OutingMutation,
    PersonMutation,
    RecordMutation,
    PairingMutation,
    ProfileMutation,
    ProvinceOnboardingMutation,
    SessionMutation,
    SuspensionMutation,
    TeamMutation,
    UnitMutation,
):
    pass


@strawberry.type(
    description="订阅：当前的值与之后的变化 / What can be watched: what stands now, and what changes."
)
class Subscription(JobSubscription, ViewerSubscription):
    pass


documents = Documents(Limits(sign_in_fields=SIGN_IN_FIELDS))
schema = ZerenSchema(
    Query,
    Mutation,
    Subscription,
    types=[
        Activity,
        Division,
        Household,
        Member,
        Pairing,
        Leave,
        Outing,
        Record,
        Team,
        Person,
        ProfileDraft,
        ProfileVersion,
        Unit,
    ],
    documents=documents,
    around=one_transaction,
    config=StrawberryConfig(sort_schema=True, scalar_map=SCALARS, name_converter=Names()),
)
