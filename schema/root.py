"""The schema: every noun's queries and mutations put together."""

import strawberry
from strawberry import relay
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from schema.approvals import ApprovalMutation
from schema.audit import AuditQuery
from schema.decisions import DecisionQuery
from schema.divisions import Division, DivisionQuery
from schema.documents import Documents
from schema.errors import ZerenSchema
from schema.fields import SIGNED_IN, Gate, described
from schema.leave import Leave, LeaveMutation, LeaveQuery
from schema.limits import Limits
from schema.notices import NoticeQuery
from schema.operation import OneTransaction
from schema.outings import Outing, OutingMutation, OutingQuery
from schema.people import Person, Unit
from schema.places import PlaceQuery
from schema.requests import RequestQuery
from schema.sessions import SessionMutation
from schema.terms import TermQuery
from schema.viewer import ViewerQuery

SIGN_IN_FIELDS = frozenset({"sessionOpen", "sessionRefresh", "invitationAccept"})


@strawberry.type
class NodeQuery:
    node: relay.Node | None = relay.node(
        description=described("按全局编号取一项 / One object by its global id; null if hidden.", SIGNED_IN),
        metadata={"permission": SIGNED_IN},
        extensions=[Gate(SIGNED_IN)],
    )
    nodes: list[relay.Node | None] = relay.node(
        description=described("按全局编号取多项 / Several objects by their global ids.", SIGNED_IN),
        metadata={"permission": SIGNED_IN},
        extensions=[Gate(SIGNED_IN)],
    )


Query = merge_types(
    "Query",
    (
        AuditQuery,
        DecisionQuery,
        DivisionQuery,
        LeaveQuery,
        NodeQuery,
        NoticeQuery,
        OutingQuery,
        PlaceQuery,
        RequestQuery,
        TermQuery,
        ViewerQuery,
    ),
)
Mutation = merge_types("Mutation", (ApprovalMutation, LeaveMutation, OutingMutation, SessionMutation))

documents = Documents(Limits(sign_in_fields=SIGN_IN_FIELDS))
schema = ZerenSchema(
    query=Query,
    mutation=Mutation,
    types=[Division, Leave, Outing, Person, Unit],
    extensions=[documents, OneTransaction],
    config=StrawberryConfig(sort_schema=True, relay_max_results=100),
)
