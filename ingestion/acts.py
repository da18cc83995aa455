"""What an administrator does with chosen versions, or with a batch, by the name of the act."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import partial

from ingestion.jobs import prioritise, prioritise_batch, put_back, set_aside
from kb.models import Batch, Person, Priority, Version
from kb.models.library import Stage, VersionQuerySet


class Act(StrEnum):
    FIRST = "first"
    NORMAL = "normal"
    LATER = "later"
    SET_ASIDE = "set-aside"
    PUT_BACK = "put-back"


PRIORITIES = {Act.FIRST: Priority.FIRST, Act.NORMAL: Priority.NORMAL, Act.LATER: Priority.LATER}
ACTS: Mapping[Act, Callable[[VersionQuerySet, Person], int]] = {
    Act.SET_ASIDE: set_aside,
    Act.PUT_BACK: put_back,
    **{act: partial(prioritise, priority=priority) for act, priority in PRIORITIES.items()},
}


def act_on(versions: VersionQuerySet, act: Act, person: Person) -> int:
    """The number of those with which it was done.

    Raises:
        Denied: the person administers nothing.
    """
    return ACTS[act](versions, person)


def act_on_batch(batch: Batch, act: Act, person: Person) -> int:
    """The same for a batch. Of one that is put back, what an administrator has set aside stays so.

    Raises:
        Denied: the person administers nothing.
    """
    if act in PRIORITIES:
        return prioritise_batch(batch, person, PRIORITIES[act])
    versions = Version.objects.filter(batch=batch)
    return act_on(versions.filter(stage=Stage.FAILED) if act is Act.PUT_BACK else versions, act, person)
