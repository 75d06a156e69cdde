"""A name that stands in a profile and means nothing there: how that is told, with what was probably meant."""

from collections.abc import Collection

from policies.problems import Problem
from policies.vocabulary import nearest

_NOUNS = {"unknown_term": "词", "unknown_fact": "事实", "no_such_setting": "参数", "no_such_rule": "规则"}


def unknown(code: str, path: str, word: str, known: Collection[str]) -> Problem:
    meant = nearest(word, known)
    hint = f"是不是想写 {meant}？" if meant else ""
    return Problem(code, path, f"没有这个{_NOUNS[code]}：{word}", f"{code.replace('_', ' ')}: {word}", hint)
