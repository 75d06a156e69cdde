"""What one operation knows: who asks, in which language, under which law. Made anew for every operation."""

from asyncio import Semaphore
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from strawberry.dataloader import DataLoader
from strawberry.types.graphql import OperationType

from policies.access import Access
from policies.reach import Viewer
from policies.vocabulary import Vocabulary, vocabulary
from schema.charges import Ledger
from schema.errors import ErrorCode, Language, PublicError
from schema.introspection import PERMISSION, Introspection
from schema.loaders import Loaders, loader
from schema.reads.plans import Plans
from schema.reads.related import Wanted, loading
from tenants import people, profiles, readiness
from tenants.callers import SignedIn
from tenants.people import Person
from tenants.profiles import LawInForce
from tenants.readiness import Readiness
from tenants.secrets import Claims, Signer
from tenants.storage import Storage


@dataclass
class Context:
    """`claims`: what the access token said; `caller`: who stands behind it, read in the operation's
    transaction.

    `sign_ins`: how many sign-ins may hold a database connection at once; the others wait without one.
    `refused`: a mutation answered with userErrors, so its transaction is rolled back.
    `kept`: a sign-in failed, and what it wrote about that is kept, whatever becomes of the answer.
    `address`: where the question comes from, and `ledger`: who has paid how much (schema/charges.py).
    `introspection`: who may ask about the schema here.
    `session_ended`: there was a session behind the token, and there is none any more.
    `plans`: the statements kept with the operation's document; `compiles`: whether reads are compiled at all.
    `is_last`: a subscription's resolver says that nothing will follow this item."""

    signer: Signer
    language: Language = Language.ZH
    claims: Claims | None = None
    caller: SignedIn | None = None
    in_force: LawInForce | None = None
    refused: bool = False
    kept: bool = False
    sign_ins: Semaphore | None = None
    storage: Storage | None = None
    address: str = ""
    ledger: Ledger | None = None
    introspection: Introspection = Introspection.EVERYBODY
    session_ended: bool = False
    operation_type: OperationType | None = None
    is_last: bool = False
    plans: Plans = field(default_factory=Plans)
    compiles: ClassVar[bool] = True
    loaders: Loaders = field(default_factory=Loaders)

    @cached_property
    def readable_person(self) -> DataLoader[UUID, Person | None]:
        return loader(self._readable_persons)

    @cached_property
    def readiness_of_place(self) -> DataLoader[UUID, Readiness | None]:
        return loader(self._readiness)

    @cached_property
    def related(self) -> DataLoader[Wanted, list[Any]]:
        return DataLoader(load_fn=loading(lambda: (self.viewer, self.access)))

    async def _readable_persons(self, ids: Collection[UUID]) -> dict[UUID, Person]:
        return await people.visible_among(ids, self.viewer, self.access)

    async def _readiness(self, place_ids: Collection[UUID]) -> dict[UUID, Readiness]:
        return await readiness.of_visible(self.viewer, self.access, place_ids)

    async def meet(self, caller: SignedIn | None) -> None:
        """Know who asks, and the law that he stands under. None: there is no session behind his token."""
        self.caller, self.session_ended = caller, caller is None
        if caller is not None:
            self.in_force = await profiles.law_in_force(caller.profile_id)

    @property
    def is_subscription(self) -> bool:
        """Known once the operation has begun."""
        return self.operation_type is OperationType.SUBSCRIPTION

    @property
    def signed_in(self) -> SignedIn:
        if self.caller is None:
            raise PublicError(ErrorCode.UNAUTHENTICATED)
        return self.caller

    @property
    def viewer(self) -> Viewer:
        return self.signed_in.viewer

    @property
    def law(self) -> LawInForce:
        if self.in_force is None:
            raise PublicError(ErrorCode.UNAUTHENTICATED)
        return self.in_force

    @property
    def words(self) -> Vocabulary:
        """The common words, and those of the document that the caller's place lives under."""
        law = self.in_force.law if self.in_force is not None else None
        return law.vocabulary if law is not None else vocabulary()

    @property
    def access(self) -> Access:
        return self.law.access

    @property
    def may_introspect(self) -> bool:
        """Known once the caller is."""
        if self.introspection is Introspection.PERMITTED:
            return self.caller is not None and self.may_ever(PERMISSION)
        return self.introspection is Introspection.EVERYBODY

    def pay(self, points: int) -> None:
        """Take the points for work whose price was not known before; the operation itself goes on."""
        if self.ledger is not None and points:
            self.ledger.punish(self, points)

    def may_ever(self, permission: str) -> bool:
        return self.access.may_ever(self.viewer, permission)
