"""Refusals in words: a sentence for every code in both languages, with everything its braces ask for."""

import ast
import string
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from policies.decisions import Citation, Decision, Gap, Question
from policies.outcomes import Ask, GapState, Outcome
from schema.errors import Language
from schema.root import schema
from schema.user_errors import CATALOGUE, VERDICTS, Payload, sentence_of
from tenants.decisions import REFUSALS
from tenants.refusals import Refusal, RefusalCode

FOLDERS = [Path(__file__).parents[2] / layer for layer in ("tenants", "schema")]
# What a decision brings along.
OF_THE_LAW = {"missing", "quote", "refers"}


def braces(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@dataclass(frozen=True)
class Raised:
    """One place in the code where a refusal is made: its possible codes, and the words it is given."""

    where: str
    codes: frozenset[str]
    words: frozenset[str]


def raise_sites() -> Iterator[Raised]:
    for folder in FOLDERS:
        for path in sorted(folder.glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for function in ast.walk(tree):
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield from _raised_in(path.name, function)


def _raised_in(file: str, function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Raised]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Refusal":
            given = {keyword.arg for keyword in node.keywords if keyword.arg}
            words = (given | OF_THE_LAW if "decision" in given else given) - {"decision", "path"}
            # A code that is chosen in the function is one of those it names.
            codes = _codes(node.args[0]) or _codes(function)
            yield Raised(f"{file}:{node.lineno}", frozenset(codes), frozenset(words))


def _codes(node: ast.AST) -> set[str]:
    return {
        found.attr
        for found in ast.walk(node)
        if isinstance(found, ast.Attribute)
        and isinstance(found.value, ast.Name)
        and found.value.id == "RefusalCode"
    }


SITES = list(raise_sites())


def test_every_code_has_a_sentence_in_both_languages_with_the_same_words() -> None:
    assert set(CATALOGUE) == set(RefusalCode)
    for code, sentence in CATALOGUE.items():
        assert sentence.zh, code
        assert sentence.en, code
        assert braces(sentence.zh) == braces(sentence.en), code


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.where)
def test_every_refusal_is_given_the_words_of_its_sentence(site: Raised) -> None:
    assert site.codes
    for code in site.codes:
        wanted = braces(CATALOGUE[RefusalCode(code)].zh)
        assert wanted <= site.words, f"{code} at {site.where} lacks {wanted - site.words}"


def test_the_answers_of_the_law_that_refuse_ask_only_for_words_of_the_law() -> None:
    for code in [*REFUSALS.values(), RefusalCode.UNSPECIFIED]:
        assert braces(CATALOGUE[code].zh) <= OF_THE_LAW, code


def test_every_code_is_used() -> None:
    used = set[str]().union(*(site.codes for site in SITES)) | {code.value for code in REFUSALS.values()}

    assert {code.value for code in RefusalCode} - used == set()


def test_every_code_says_in_the_schema_what_it_means() -> None:
    shown = schema._schema.type_map["UserErrorCode"]

    assert set(shown.values) == {code.value for code in RefusalCode}  # type: ignore[attr-defined]
    for name, value in shown.values.items():  # type: ignore[attr-defined]
        assert CATALOGUE[RefusalCode(name)].zh in value.description


DECISION = Decision(
    Outcome.DENY,
    Question(Ask.ACT, "leave"),
    profile="X",
    version=1,
    on=date(2018, 6, 15),
    cites=(Citation("X-1", "一", "须书面申请", "X", 1),),
    missing=("leave_days",),
    gaps=(Gap("leave", GapState.BY_REFERENCE, "另一份办法"), Gap("outing", GapState.ABSENT)),
)


@pytest.mark.parametrize(
    ("refusal", "zh", "en"),
    [
        (
            Refusal(RefusalCode.DENIED, decision=DECISION),
            "不符合文件规定：「须书面申请」",
            "The document does not allow this: 「须书面申请」",
        ),
        (
            Refusal(RefusalCode.INCOMPLETE, decision=DECISION),
            "缺少判断所需的情况：请假天数",
            "Facts are missing that the rule asks for: leave_days",
        ),
        (
            Refusal(RefusalCode.UNSPECIFIED, decision=DECISION),
            "本地适用的文件没有规定，系统不代为决定，请查阅另一份办法",
            "The document that applies here does not say, and zeren does not decide for it; see 另一份办法",
        ),
        (
            Refusal(RefusalCode.NOBODY_HOLDS_ORGAN, organ="dispatching_unit"),
            "本地尚未登记“派出单位”，请先由管理员登记该单位",
            "This place has no “dispatching unit” on record; an administrator must register it first",
        ),
        (
            Refusal(RefusalCode.ALREADY_DECIDED, state="rejected"),
            "该申请已办结，状态为 未批准",
            "This request has already ended as rejected",
        ),
    ],
    ids=lambda value: value.code if isinstance(value, Refusal) else "",
)
def test_a_refusal_is_told_in_words_a_person_can_act_on(refusal: Refusal, zh: str, en: str) -> None:
    assert sentence_of(refusal, Language.ZH) == zh
    assert sentence_of(refusal, Language.EN) == en


def test_the_reason_not_to_sign_has_words_too() -> None:
    for code, sentence in VERDICTS.items():
        told = sentence_of(Refusal(RefusalCode.NOT_YOURS_TO_SIGN, reason=code), Language.ZH)
        assert sentence.zh in told


def test_a_user_error_carries_the_rule_and_the_input_it_is_about() -> None:
    payload = Payload.refused(
        Refusal(RefusalCode.DENIED, path=("input", "endsOn"), decision=DECISION), Language.ZH
    )

    (error,) = payload.user_errors
    assert (error.code, error.path, error.rule) == (RefusalCode.DENIED, ["input", "endsOn"], "X-1")
    assert payload.decision is not None
    bare = Payload.refused(Refusal(RefusalCode.CONFLICT), Language.ZH)
    assert (bare.user_errors[0].path, bare.user_errors[0].rule, bare.decision) == ([], None, None)
