"""Sessions: signing in, renewing, moving between posts and places, signing out."""

from datetime import datetime
from typing import Annotated, Self

import strawberry
from strawberry import relay

from schema.fields import ANYBODY, SIGNED_IN, TRYING_A_SECRET, Info, command
from schema.nodes import maybe_row_id, row_id
from schema.texts import LONGEST_LOGIN, kept
from schema.user_errors import Payload
from tenants import accounts, people
from tenants.accounts import Tokens
from tenants.refusals import Refusal, RefusalCode

Login = Annotated[str, strawberry.argument(description="The account's name.")]
Password = Annotated[str, strawberry.argument(description="The password.")]


@strawberry.type(description="令牌 / What a client keeps of a session.")
class SessionTokens:
    access_token: str = strawberry.field(description="Send it as `Authorization: Bearer …`.")
    refresh_token: str = strawberry.field(description="Good for one renewal; keep it secret.")
    expires_at: datetime = strawberry.field(description="When the access token ends.")

    @classmethod
    def of(cls, tokens: Tokens) -> Self:
        return cls(access_token=tokens.access, refresh_token=tokens.refresh, expires_at=tokens.expires_at)


@strawberry.type(description="登录命令的结果 / What a session command answers with.")
class SessionPayload(Payload):
    session: SessionTokens | None = strawberry.field(default=None, description="The session's tokens.")

    @classmethod
    def answer(cls, info: Info, outcome: Tokens | Refusal) -> Self:
        """A refused sign-in still counts: what it wrote about failures and spent tokens is kept."""
        if isinstance(outcome, Refusal):
            info.context.kept = True
            return cls.refused(outcome, info.context.language)
        return cls(session=SessionTokens.of(outcome))


@strawberry.type
class SessionMutation:
    @command(permission=ANYBODY, payload=SessionPayload, description="登录 / Sign in.", cost=TRYING_A_SECRET)
    async def session_open(self, info: Info, login: Login, password: Password) -> SessionPayload:
        # Folding case can lengthen a text, and the folded one is looked up.
        account = await accounts.check_password(kept(login.casefold(), "login", LONGEST_LOGIN), password)
        if isinstance(account, Refusal):
            return SessionPayload.answer(info, account)
        if not account.place_ids:
            return SessionPayload.answer(info, Refusal(RefusalCode.SIGN_IN_FAILED))
        tokens = await accounts.open_session(account, account.place_ids[0], info.context.signer)
        return SessionPayload.answer(info, tokens)

    @command(
        permission=ANYBODY,
        payload=SessionPayload,
        description="续期 / Renew a session; its token is spent.",
        cost=TRYING_A_SECRET,
    )
    async def session_refresh(
        self,
        info: Info,
        refresh_token: Annotated[str, strawberry.argument(description="The session's refresh token.")],
    ) -> SessionPayload:
        return SessionPayload.answer(info, await accounts.refresh(refresh_token, info.context.signer))

    @command(
        permission=SIGNED_IN,
        payload=SessionPayload,
        even_suspended=True,
        description="切换任职或地方 / Act in one post, in all posts here, or in another place.",
    )
    async def session_switch(
        self,
        info: Info,
        place: Annotated[
            relay.GlobalID | None, strawberry.argument(description="The place; this one when left out.")
        ] = None,
        post: Annotated[
            strawberry.ID | None, strawberry.argument(description="One post here; all when left out.")
        ] = None,
    ) -> SessionPayload:
        context = info.context
        place_id = row_id(place, "Place", "place") if place is not None else context.viewer.place_id
        post_id = maybe_row_id(post, "post")
        if post_id is not None and not (
            place_id == context.viewer.place_id and await people.holds(context.viewer, post_id)
        ):
            raise Refusal(RefusalCode.NOT_FOUND, path=("post",))
        session_id = context.signed_in.session_id
        return SessionPayload.answer(
            info, await accounts.stand_in(session_id, place_id, post_id, context.signer)
        )

    @command(
        permission=SIGNED_IN,
        payload=SessionPayload,
        even_suspended=True,
        description="退出 / Sign out; all its tokens end.",
    )
    async def session_end(self, info: Info) -> SessionPayload:
        await accounts.end_session(info.context.signed_in.session_id)
        return SessionPayload()

    @command(
        permission=ANYBODY,
        payload=SessionPayload,
        description="接受邀请并设密码 / Accept an invitation: set the password and sign in.",
        cost=TRYING_A_SECRET,
    )
    async def invitation_accept(
        self,
        info: Info,
        token: Annotated[str, strawberry.argument(description="The invitation's token.")],
        password: Password,
    ) -> SessionPayload:
        account = await accounts.accept_invitation(token, password)
        if not account.place_ids:
            raise Refusal(RefusalCode.INVITATION_SPENT)
        tokens = await accounts.open_session(account, account.place_ids[0], info.context.signer)
        return SessionPayload.answer(info, tokens)
