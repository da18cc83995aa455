"""The gate of a new index: answers are measured with it, compared with the accepted runs, and then it stays or goes."""

from collections.abc import Iterator

from django.conf import settings

from ingestion.evaluate.baseline import Comparison, as_comparison_lines, as_comparison_row
from ingestion.evaluate.made_with import changed
from kb import embedder
from kb.errors import Rejected
from kb.management.answer_runs import measured
from kb.models import GoldenRun, GoldenSet, Person


def to_measure(person: Person) -> dict[GoldenSet, GoldenRun]:
    """The person's sets of which a run was accepted that was made with something else than what runs now."""
    accepted = ((golden, golden.accepted()) for golden in GoldenSet.objects.visible_to(person))
    return {golden: run for golden, run in accepted if run and changed(run.made_with)}


def through_the_gate(person: Person, *, switch: bool) -> Iterator[str]:
    """Lines that tell what changed. Accepts the new runs if none is worse beyond noise, or with `switch` in any case.

    Raises:
        Rejected: a set is worse and `switch` was not said, or one cannot be measured.
    """
    runs, worse = list[GoldenRun](), False
    for golden, before in to_measure(person).items():
        run = measured(golden)
        comparison = Comparison.between(before.outcomes, run.outcomes)
        yield f"{golden}, changed: {', '.join(changed(before.made_with))}"
        yield from as_comparison_lines(as_comparison_row(comparison))
        runs.append(run)
        worse = worse or comparison.worse
    if worse and not switch:
        raise Rejected(
            "Answers are worse than before. Go back with `reindex --keep`, or take it all the same with "
            "`reindex --as USER --switch`."
        )
    for run in runs:
        run.accept()
    yield (
        "It is accepted: later runs are compared with these."
        if runs
        else "Nothing has changed that was measured."
    )


def told_of_gate() -> str:
    """A sentence where an accepted run no longer says how answers are made; else empty."""
    newest = GoldenRun.objects.exclude(accepted_at=None).order_by("-accepted_at").first()
    if newest is None or not changed(newest.made_with):
        return ""
    return (
        f"Answers are not yet measured with it. Run `manage.py reindex --as {newest.golden_set.owner.username}` to "
        "compare them with the accepted runs, or `manage.py reindex --keep` to go back."
    )


def keep_the_old() -> str:
    """Goes back to the embedder before.

    Raises:
        Rejected: there is none to go back to, or the environment names another one.
    """
    if settings.EMBEDDER:
        raise Rejected(
            f"STRONGROOM_EMBEDDER names {settings.EMBEDDER}. Unset it, or name the one before, and start again."
        )
    return f"From the next start on, the embedder is {embedder.go_back(settings.VAR)} again. Its index is still there."
