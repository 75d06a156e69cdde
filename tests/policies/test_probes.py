"""The questions asked of every new county can be asked of every document, and of none."""

from datetime import date

import pytest

from policies.library import profile, shipped
from policies.outcomes import Outcome
from policies.probes import Probe, probes
from policies.questions import decide, undocumented

DAY = date(2018, 6, 15)


def answers(id: str) -> dict[str, Outcome]:
    return {probe.id: decide(profile(id), probe.question, probe.facts, DAY).outcome for probe in probes()}


def test_each_probe_has_its_own_name() -> None:
    names = [probe.id for probe in probes()]

    assert len(set(names)) == len(names)
    assert {"leave_2_days", "leave_3_days", "leave_4_days", "outing_filed", "group_10_households"} <= {*names}


@pytest.mark.parametrize("id", shipped())
def test_every_document_answers_every_probe(id: str) -> None:
    found = answers(id)

    assert found.keys() == {probe.id for probe in probes()}
    assert Outcome.INCOMPLETE not in found.values()


@pytest.mark.parametrize("probe", probes(), ids=lambda probe: probe.id)
def test_without_a_document_every_probe_is_unspecified(probe: Probe) -> None:
    assert undocumented(probe.question, probe.facts, DAY).outcome is Outcome.UNSPECIFIED


def test_the_probes_show_where_the_documents_part() -> None:
    of_district, of_province = answers("HN"), answers("GD")

    assert [of_district[f"leave_{n}_days"] for n in (2, 3, 4)] == [Outcome.ROUTE] * 3
    assert [of_province[f"leave_{n}_days"] for n in (2, 3, 4)] == [Outcome.UNSPECIFIED] * 3
    assert of_district["leave_unwritten"] is Outcome.DENY
    assert of_district["group_10_households"] is Outcome.REQUIRED
    assert of_district["group_9_households"] is Outcome.NOT_APPLICABLE
    assert of_province["team_scattered_poor"] is Outcome.REQUIRED
