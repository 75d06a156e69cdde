"""Refusals as data: a code that is never translated, a sentence in the caller's language, the input it
is about."""

from collections.abc import Mapping
from typing import Self

import strawberry

from policies.access import Code
from policies.vocabulary import Category, vocabulary
from schema.decisions import Decision, fact_label
from schema.enums import enum, label
from schema.errors import Language, catalogue
from tenants.refusals import Flaw, Refusal, RefusalCode

CATALOGUE = {RefusalCode(code): sentence for code, sentence in catalogue("refusals.yaml").items()}
_MOST_WORDS = 12
FLAWS = {Flaw(code): sentence for code, sentence in catalogue("flaws.yaml").items()}
VERDICTS = {Code(code): sentence for code, sentence in catalogue("verdicts.yaml").items()}

enum(
    RefusalCode,
    name="UserErrorCode",
    description="为何没有办成 / Why a command was refused. Never translated.",
    sentences={code: f"{said.zh} / {said.en}" for code, said in CATALOGUE.items()},
)


@strawberry.type(description="命令被拒绝的一条理由 / One reason why a command was refused.")
class UserError:
    code: RefusalCode = strawberry.field(description="A stable code; never translated.")
    message: str = strawberry.field(description="The reason as a sentence, in the language asked for.")
    path: list[str] = strawberry.field(description="The input it is about; empty for the whole command.")
    rule: str | None = strawberry.field(description="The first rule that gave it, where a document did.")


@strawberry.type(description="命令的结果 / What every command answers with.")
class Payload:
    user_errors: list[UserError] = strawberry.field(
        default_factory=list, description="Why the command was refused; empty when it was carried out."
    )
    decision: Decision | None = strawberry.field(
        default=None, description="The answer of the place's document that the command rests on."
    )

    @classmethod
    def refused(cls, refusal: Refusal, language: Language) -> Self:
        """The payload of a command that changed nothing."""
        decision = refusal.decision
        error = UserError(
            code=refusal.code,
            message=sentence_of(refusal, language),
            path=list(refusal.path),
            rule=decision.cites[0].rule if decision and decision.cites else None,
        )
        return cls(user_errors=[error], decision=Decision.maybe(decision))


def sentence_of(refusal: Refusal, language: Language) -> str:
    return CATALOGUE[refusal.code].said(language, _words(refusal, language))


def _words(refusal: Refusal, language: Language) -> dict[str, str]:
    """What fills the sentence's braces, in the words of the language."""
    words = {name: _word(name, value, language) for name, value in refusal.params.items()}
    words |= _flaw(refusal, words, language)
    if refusal.decision is not None:
        words["missing"] = "、".join(fact_label(fact, language) for fact in refusal.decision.missing)
        words["quote"] = "；".join(f"「{cite.quote}」" for cite in refusal.decision.cites)
        words["refers"] = _refers([gap.to for gap in refusal.decision.gaps if gap.to], language)
    return words


def _word(name: str, value: object, language: Language) -> str:
    if isinstance(value, Category):
        return _words_of(value, language)
    if name == "reason":
        return VERDICTS[Code(str(value))].said(language, {})
    if name in ("organ", "role"):
        return vocabulary().label(str(value), "en" if language is Language.EN else "zh")
    if isinstance(value, list | tuple):
        return "；".join(zh if language is Language.ZH else en for zh, en in value)
    if name == "state" and language is Language.ZH:
        return label(str(value).upper(), "RequestState", "LeaveState")
    return str(value)


def _words_of(category: Category, language: Language) -> str:
    """The first words of a category, as a person reads them and as a program writes them."""
    known = [term.id for term in vocabulary().terms(category)]
    label = vocabulary().label
    named = [f"{label(one)}（{one}）" if language is Language.ZH else one for one in known[:_MOST_WORDS]]
    return "、".join(named) + (" …" if len(known) > _MOST_WORDS else "")


def _refers(papers: list[str], language: Language) -> str:
    if not papers:
        return ""
    named = "、".join(dict.fromkeys(papers))
    return f"; see {named}" if language is Language.EN else f"，请查阅{named}"


def _flaw(refusal: Refusal, words: Mapping[str, str], language: Language) -> dict[str, str]:
    flaw = refusal.params.get("flaw")
    return {"flaw": FLAWS[flaw].said(language, words)} if flaw is not None else {}
