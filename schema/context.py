"""What one operation knows: who asks, in which language, under which law. Made anew for every operation."""

from dataclasses import dataclass, field

from policies.access import Access
from policies.reach import Viewer
from schema.errors import ErrorCode, Language, PublicError
from schema.loaders import Loaders
from tenants.people import SignedIn
from tenants.profiles import LawInForce
from tenants.secrets import Claims, Signer


@dataclass(slots=True)
class Context:
    """`claims`: what the access token said; `caller`: who stands behind it, read in the operation's
    transaction.

    `refused`: a mutation answered with userErrors, so its transaction is rolled back."""

    signer: Signer
    language: Language = Language.ZH
    claims: Claims | None = None
    caller: SignedIn | None = None
    in_force: LawInForce | None = None
    refused: bool = False
    loaders: Loaders = field(default_factory=Loaders)

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
    def access(self) -> Access:
        return self.law.access

    def may_ever(self, permission: str) -> bool:
        return self.access.may_ever(self.viewer, permission)
