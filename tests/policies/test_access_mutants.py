"""Each fault put into the access code on purpose is noticed by the matrix of access_cases.yaml.

That casbin, table and terms agree notices none of these: the three would be wrong together.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from policies import access, grants, reach
from policies.access import Post, Reach, Target, Viewer
from policies.jurisdiction import subtree
from tests.policies.access_matrix import ALLOWED, cells_allowed_by, compiled

Patch = tuple[object, str, object]
COVERS = reach.covers
PERSONS = Viewer.persons


def _in_any_place(how: Reach, who: Viewer, seat: Post, row: Target, *, denied: bool = False) -> bool:
    return COVERS(how, who, seat, replace(row, place_id=who.place_id), denied=denied)


def _covers(which: Reach, instead: Callable[[Viewer, Post, Target], bool]) -> Callable[..., bool]:
    def covers(how: Reach, who: Viewer, seat: Post, row: Target, *, denied: bool = False) -> bool:
        if how is which and (how is Reach.ANY or row.place_id == who.place_id):
            return instead(who, seat, row)
        return COVERS(how, who, seat, row, denied=denied)

    return covers


def _denies_nothing(*place: Any, denied: bool = False) -> bool:
    return not denied and COVERS(*place)


def _upwards(root: str, code: str | None) -> bool:
    return bool(root and code) and subtree(str(code))[0] <= root < subtree(str(code))[1]


def _by_prefix(root: str, code: str | None) -> bool:
    return bool(root and code) and str(code).startswith(root.rstrip("0"))


def _up_to_the_next(root: str, code: str | None) -> bool:
    return bool(root and code) and subtree(root)[0] <= str(code) <= subtree(root)[1]


MUTANTS: dict[str, Patch] = {
    "不看地方": (access, "covers", _in_any_place),
    "不看禁止": (access, "covers", _denies_nothing),
    "本级当成整片": (access, "covers", _covers(Reach.NODE, lambda w, p, t: reach._lies_in(p.code, t.code))),
    "空单位相等": (access, "covers", _covers(Reach.UNIT, lambda w, p, t: t.unit_id == p.unit_id)),
    "各地即本地": (access, "covers", _covers(Reach.ANY, lambda w, p, t: t.place_id == w.place_id)),
    "各地不看上下级": (access, "covers", _covers(Reach.ANY, lambda w, p, t: True)),
    "结对不看是谁": (access, "covers", _covers(Reach.ASSIGNED, lambda w, p, t: bool(t.assignee_ids))),
    "全县当成整片": (access, "covers", _covers(Reach.TENANT, lambda w, p, t: t.code is not None)),
    "上下颠倒": (reach, "_lies_in", _upwards),
    "按前缀": (reach, "_lies_in", _by_prefix),
    "含下一个": (reach, "_lies_in", _up_to_the_next),
    "无主归我": (Viewer, "persons", lambda w, p, *, denied: PERSONS(w, p, denied=denied) | {None}),
    "忘了被代理人": (Viewer, "persons", lambda w, p, *, denied: PERSONS(w, p, denied=False)),
    "代理人就是本人": (Viewer, "persons", lambda w, p, *, denied: PERSONS(w, p, denied=True)),
    "别处的岗位也算": (
        Viewer,
        "standing_posts",
        lambda w: tuple(p for p in w.posts if p.is_active(w.day)),
    ),
    "不看日期": (Post, "is_active", lambda p, day: True),
    "含最后一天": (Post, "is_active", lambda p, day: p.begins <= day and (not p.ends or day <= p.ends)),
    "到任次日才算": (Post, "is_active", lambda p, day: p.begins < day and (not p.ends or day < p.ends)),
    "不看交代": (Post, "carries", lambda p, permission: True),
    "没交代就是全交代": (Post, "carries", lambda p, permission: p.only is None or permission in p.only),
    "职务不看地方": (access.Access, "_posts", lambda a, w: w.standing_posts()),
    "没有任何人": (access, "ANYONE", "nobody"),
    "可办自己的事": (grants, "_nobody_judges_his_own_case", lambda lines: ()),
    "不含更宽的角色": (access, "links_of", lambda terms: ()),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_matrix_notices(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cells_allowed_by(compiled()) == set(ALLOWED)

    monkeypatch.setattr(*MUTANTS[name])

    assert cells_allowed_by(compiled()) != set(ALLOWED)
