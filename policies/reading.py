"""Reads a profile from its YAML text: strictly, and with all problems at once."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from policies import strict_yaml
from policies.kinds.assignment import Assignment
from policies.kinds.code_list import CodeList
from policies.kinds.consequence import Consequence
from policies.kinds.duty import Duty
from policies.kinds.flow import Flow
from policies.kinds.guard import Guard
from policies.kinds.metric import Metric
from policies.kinds.responsibility import Responsibility
from policies.kinds.text import Text
from policies.mistakes import shown
from policies.problems import MOST_PROBLEMS, Problem, ProfileError
from policies.profile import Profile
from policies.vocabulary import nearest

_KINDS: dict[str, type[BaseModel]] = {
    "assignment": Assignment,
    "responsibility": Responsibility,
    "flow": Flow,
    "guard": Guard,
    "duty": Duty,
    "metric": Metric,
    "consequence": Consequence,
    "code_list": CodeList,
    "text": Text,
}
# More than a document of a hundred clauses takes, and less than two seconds' reading.
LONGEST_PROFILE = 120_000
# Names that pydantic adds to a path and that do not stand in the file.
_NOT_WRITTEN = {*_KINDS, "bounds", "Parameter", "date", "bool", "int", "decimal", "str"}


def read_profile(text: str) -> Profile:
    """The profile that the text says. Raises ProfileError with every problem found."""
    if len(text) > LONGEST_PROFILE:
        zh, en = f"最多 {LONGEST_PROFILE} 个字，现有 {len(text)} 个", f"at most {LONGEST_PROFILE} characters"
        raise ProfileError([_problem("too_long", "", zh, f"{en}, this has {len(text)}")])
    return profile_from_data(_loaded(text))


def profile_from_data(data: Any) -> Profile:
    if not isinstance(data, dict):
        raise ProfileError([_problem("not_a_profile", "", "文件不是一份规则表", "the text is not a mapping")])
    if "inherited" in data:
        raise ProfileError([_unknown_key("inherited", "inherited", Profile)])
    try:
        return Profile.model_validate(data)
    except ValidationError as error:
        raise ProfileError(islice(_problems(error, data), MOST_PROBLEMS)) from None


def _loaded(text: str) -> Any:
    try:
        return strict_yaml.load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        said = error.problem or "malformed"
        code = "repeated_key" if said.startswith("repeated key") else "not_yaml"
        raise ProfileError(
            [_problem(code, f"line {line}", f"第{line}行：{said}", f"line {line}: {said}")]
        ) from None
    except yaml.YAMLError as error:
        raise ProfileError([_problem("not_yaml", "", f"不是 YAML：{error}", f"not YAML: {error}")]) from None


def _problems(error: ValidationError, data: dict[str, Any]) -> Iterator[Problem]:
    """One per place: of a union that nothing fits, pydantic reports every branch."""
    seen: set[str] = set()
    for detail in error.errors(include_url=False):
        path = _path(detail["loc"], data)
        if path not in seen:
            seen.add(path)
            yield _told(detail, path)


def _told(detail: ErrorDetails, path: str) -> Problem:
    name = str(detail["loc"][-1]) if detail["loc"] else ""
    match detail["type"]:
        case "missing":
            return _problem("missing_key", path, f"缺少“{name}”", f"{name} is missing")
        case "extra_forbidden":
            return _unknown_key(name, path, _model_at(detail["loc"]))
        case "union_tag_invalid" | "union_tag_not_found":
            known = ", ".join(_KINDS)
            return _problem("unknown_kind", path, "没有这种规则", f"the kind is one of {known}", known)
        case "enum" | "literal_error":
            known = str(detail.get("ctx", {}).get("expected", ""))
            return _problem(
                "unknown_word", path, f"{shown(detail['input'])} 不在可用的词里", f"one of {known}", known
            )
        case "value_error":
            said = str(detail["msg"]).removeprefix("Value error, ")
            return _problem("not_sayable", path, f"写法不成立：{said}", said)
        case _:
            said = str(detail["msg"])
            return _problem("wrong_type", path, f"{shown(detail['input'])} 写法不对：{said}", said)


def _unknown_key(name: str, path: str, model: type[BaseModel]) -> Problem:
    known = [field.alias or key for key, field in model.model_fields.items()]
    meant = nearest(name, known)
    hint = f"是不是想写 {meant}？" if meant else ""
    return _problem("unknown_key", path, f"没有“{name}”这一项", f"unknown key {name}", hint)


def _model_at(loc: tuple[int | str, ...]) -> type[BaseModel]:
    kinds = [part for part in loc if part in _KINDS]
    return _KINDS[str(kinds[0])] if kinds and len(loc) == 4 else Profile


def _path(loc: tuple[int | str, ...], data: dict[str, Any]) -> str:
    """`rules.HN-4.2-5.steps.0`: a rule by its id, everything else by key and place."""
    parts = [str(part) for part in loc if part not in _NOT_WRITTEN and not str(part).startswith("function-")]
    if loc[:1] == ("rules",) and len(loc) > 1 and isinstance(loc[1], int):
        rule = data["rules"][loc[1]]
        parts[1] = str(rule.get("id", loc[1])) if isinstance(rule, dict) else str(loc[1])
    return ".".join(parts)


def _problem(code: str, path: str, zh: str, en: str, hint: str = "") -> Problem:
    return Problem(code, path, zh, en, hint)
