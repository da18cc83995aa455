"""What may go where."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from inference.hits import Hit
from inference.protocols import Location
from inference.route import Route, choose, may_read
from kb.models import Collection, Leaving, RouteRule, RouteTable, Sensitivity
from tests.builders import make_collection, make_hit

GENERAL = {
    Sensitivity.PUBLIC: Leaving.FREELY,
    Sensitivity.INTERNAL: Leaving.PSEUDONYMISED,
    Sensitivity.CONFIDENTIAL: Leaving.NEVER,
    Sensitivity.RESTRICTED: Leaving.NEVER,
}
TABLE = RouteTable(GENERAL)
labels = st.sampled_from(Sensitivity)
ways = st.sampled_from(Leaving)
rules = st.dictionaries(labels, ways)


def hits(*labels_: Sensitivity, collection: int = 1) -> list[Hit]:
    return [
        replace(make_hit("Text."), chunk=number, sensitivity=label, collection=collection)
        for number, label in enumerate(labels_, 1)
    ]


def routed(
    found: Sequence[Hit],
    *,
    asked: Leaving = Leaving.FREELY,
    table: RouteTable = TABLE,
    enough: Sequence[Sensitivity] = tuple(Sensitivity),
) -> Route:
    """`enough`: the labels of hits that would answer on their own."""
    return choose(
        asked,
        "you asked for that",
        found,
        table=table,
        enough=lambda some: any(hit.sensitivity in enough for hit in some),
    )


def test_only_what_may_leave_is_read_outside() -> None:
    assert [may_read(Location.CLOUD, way) for way in Leaving] == [False, True, True]
    assert all(may_read(Location.ON_PREMISES, way) for way in Leaving)


def test_a_label_that_the_table_does_not_name_stays() -> None:
    assert RouteTable({}).leaving(Sensitivity.PUBLIC) == Leaving.NEVER


@given(general=rules, special=rules)
def test_no_table_lets_a_stricter_label_leave_more_freely(
    general: dict[Sensitivity, Leaving], special: dict[Sensitivity, Leaving]
) -> None:
    table = RouteTable(general, {(1, label): way for label, way in special.items()})
    for collection in (None, 1, 2):
        leaving = [table.leaving(label, collection) for label in Sensitivity]
        assert leaving == sorted(leaving, reverse=True)
        assert leaving[-1] == Leaving.NEVER
        assert leaving[-2] <= Leaving.PSEUDONYMISED


def test_a_collection_s_own_rule_goes_before_the_general_one() -> None:
    table = RouteTable(
        GENERAL, {(7, Sensitivity.INTERNAL): Leaving.FREELY, (8, Sensitivity.PUBLIC): Leaving.NEVER}
    )
    assert table.leaving(Sensitivity.INTERNAL, 7) == Leaving.FREELY
    assert table.leaving(Sensitivity.INTERNAL, 8) == Leaving.NEVER
    assert table.leaving(Sensitivity.INTERNAL, 9) == Leaving.PSEUDONYMISED


@pytest.mark.django_db
def test_the_table_is_what_administrators_decided_and_else_the_settings(
    settings: Settings, shelf: Collection
) -> None:
    settings.ROUTES = {"PUBLIC": "freely", "INTERNAL": "pseudonymised", "CONFIDENTIAL": "anything"}
    RouteRule.objects.create(sensitivity=Sensitivity.PUBLIC, leaving=Leaving.PSEUDONYMISED)
    RouteRule.objects.create(sensitivity=Sensitivity.PUBLIC, leaving=Leaving.FREELY, collection=shelf)
    table = RouteRule.objects.table()
    other = make_collection()
    assert [table.leaving(label) for label in Sensitivity] == [1, 1, 0, 0]
    assert [table.leaving(label, shelf.pk) for label in Sensitivity] == [2, 1, 0, 0]
    assert [table.leaving(label, other.pk) for label in Sensitivity] == [1, 1, 0, 0]


@given(asked=ways, found=st.lists(labels, min_size=1), enough=st.lists(labels))
def test_nothing_goes_outside_that_may_not_and_nothing_is_read_twice(
    asked: Leaving, found: list[Sensitivity], enough: list[Sensitivity]
) -> None:
    evidence = hits(*found)
    route = routed(evidence, asked=asked, enough=enough)
    for hit in route.outside:
        assert TABLE.leaving(hit.sensitivity) >= route.leaving > Leaving.NEVER
        assert asked >= route.leaving
    assert not {hit.chunk for hit in route.outside} & {hit.chunk for hit in route.inside}
    assert route.outside or route.inside == tuple(evidence)


@pytest.mark.parametrize(
    ("found", "enough", "reason"),
    [
        ("PUBLIC INTERNAL", "PUBLIC", "Answered in the cloud because its strictest source is Internal."),
        ("RESTRICTED", "RESTRICTED", "Answered on-premises because 1 of 1 sources is Restricted."),
        (
            "PUBLIC CONFIDENTIAL",
            "CONFIDENTIAL",
            "Answered on-premises because 1 of 2 sources is Confidential.",
        ),
        (
            "PUBLIC CONFIDENTIAL RESTRICTED",
            "PUBLIC RESTRICTED",
            "Answered in the cloud from what may leave, and on-premises from the rest, "
            "because 2 of 3 sources are Confidential or Restricted.",
        ),
        (
            "PUBLIC CONFIDENTIAL",
            "PUBLIC",
            "Answered in the cloud from what may leave; 1 of 2 sources is Confidential, and would not have helped.",
        ),
    ],
)
def test_the_reason_says_what_held_it_back(found: str, enough: str, reason: str) -> None:
    by_name = Sensitivity.named
    evidence = hits(*map(by_name, found.split()))
    assert routed(evidence, enough=[*map(by_name, enough.split())]).reason == reason


def test_the_reason_names_a_collection_that_keeps_what_would_leave_elsewhere() -> None:
    table = RouteTable(GENERAL, {(1, Sensitivity.PUBLIC): Leaving.NEVER})
    assert routed(hits(Sensitivity.PUBLIC), table=table).reason == (
        "Answered on-premises because 1 of 1 sources is Public in a collection that nothing of this label leaves."
    )


def test_a_question_that_is_held_back_holds_everything_back() -> None:
    route = routed(hits(Sensitivity.PUBLIC), asked=Leaving.NEVER)
    assert (route.outside, route.reason) == ((), "Answered on-premises because you asked for that.")
