"""Learning from decided labels: kept only where labels are surely better with it."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from inference import registry
from ingestion import tasks
from ingestion.learn import Confirmed, due, learn, measure, train
from ingestion.learned import learned_vote
from ingestion.votes import LABELS
from kb.errors import Rejected
from kb.models import Collection, Document, LabelVotes, LearnedVote, Person, Sensitivity
from tests.builders import make_document

DIMENSION = 384
PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = Sensitivity
UNDECIDED_VOTES = [0.3, 0.0, 0.0, 0.0]
"""The judges find all labels about alike, so that the strictest stands."""


def unit(vector: np.ndarray) -> np.ndarray:
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def vectors_of(labels: list[int], *, separable: bool) -> np.ndarray:
    """Each label around an own direction, or all around the same one."""
    random = np.random.default_rng(7)
    axes = {label: place if separable else 0 for place, label in enumerate(LABELS)}
    return np.stack(
        [unit(np.eye(DIMENSION)[axes[label]] + random.normal(0, 0.03, DIMENSION)) for label in labels]
    )


def confirmed(*, separable: bool, votes: list[float] = UNDECIDED_VOTES) -> Confirmed:
    labels = [10, 20, 30, 40] * 9
    return Confirmed(
        vectors_of(labels, separable=separable), np.array([votes] * len(labels)), np.array(labels)
    )


def test_what_can_be_told_apart_is_surely_better() -> None:
    gain = measure(confirmed(separable=True))
    assert gain.surely_better
    # Without it, one in four is right and the others are too strict.
    assert gain.mean == pytest.approx(0.75)


def test_what_cannot_be_told_apart_is_not() -> None:
    labels = [10, 20, 30, 40] * 9
    right = np.array([[5.0 * (label == own) for label in LABELS] for own in labels])
    gain = measure(Confirmed(vectors_of(labels, separable=False), right, np.array(labels)))
    assert not gain.surely_better
    assert gain.mean <= 0


def test_a_label_that_was_never_learned_is_neither_likelier_nor_less_likely() -> None:
    labels = [20, 40] * 6
    vectors = vectors_of(labels, separable=True)
    vote = train(vectors, np.array(labels)).vote(vectors[1])
    assert vote[0] == vote[2] == 0.0
    assert vote[3] > 0 > vote[1]


@pytest.fixture
def decide(fake_models: object, dana: Person, shelf: Collection):
    """Puts documents into SQL whose label a person decided: `decide([10, 20], separable=True)`."""

    def make(labels: list[int], *, separable: bool) -> None:
        fingerprint = registry.embedder().fingerprint
        vectors = vectors_of(labels, separable=separable)
        for label, vector in zip(labels, vectors, strict=True):
            LabelVotes.objects.create(
                document=make_document(shelf, owner=dana, sensitivity=Sensitivity(label), chunks=[]),
                votes={"exemplars": UNDECIDED_VOTES, "learned": [0, 0, 0, 9.0]},
                passage=0,
                vector=vector.tobytes(),
                embedder=fingerprint,
            )

    return make


def test_an_adopted_vote_counts_from_then_on(decide) -> None:
    labels = [10, 40] * 8
    decide(labels, separable=True)
    learned = learn()
    assert (learned.adopted, learned.confirmations, learned.labels) == (True, 16, [10, 40])
    public, restricted = vectors_of([10, 40], separable=True)
    assert int(learned_vote(public).argmax()) == 0
    assert int(learned_vote(restricted).argmax()) == 3


def test_a_rejected_vote_is_written_down_and_not_used(decide) -> None:
    decide([10, 40] * 8, separable=True)
    learn()
    LabelVotes.objects.all().delete()
    decide([10, 40] * 9, separable=False)
    LabelVotes.objects.update(votes={"exemplars": [9.0, 0, 0, 0]})
    Document.objects.update(sensitivity=PUBLIC)
    Document.objects.filter(pk__in=[vote.document_id for vote in LabelVotes.objects.all()[:5]]).update(
        sensitivity=RESTRICTED
    )
    learned = learn()
    assert not learned.adopted
    assert not learned_vote(vectors_of([40], separable=True)[0]).any()


def test_what_another_embedder_saw_is_neither_learned_from_nor_used(decide) -> None:
    decide([10, 40] * 8, separable=True)
    learn()
    LearnedVote.objects.update(embedder="another")
    assert not learned_vote(vectors_of([40], separable=True)[0]).any()
    LabelVotes.objects.update(embedder="another")
    with pytest.raises(Rejected, match="There is too little to learn from"):
        learn()


def test_only_what_people_decided_is_learned_from(decide) -> None:
    decide([10, 40] * 8, separable=True)
    Document.objects.filter(sensitivity=RESTRICTED).update(sensitivity_by="model")
    with pytest.raises(
        Rejected, match=r"people decided Public 8, Internal 0, Confidential 0, Restricted 0\."
    ):
        learn()


def test_it_learns_anew_after_ten_more_labels(decide, monkeypatch: pytest.MonkeyPatch) -> None:
    decide([10, 40] * 4 + [10], separable=True)
    assert not due()
    decide([40], separable=True)
    assert due()
    tasks.learn()
    assert LearnedVote.objects.get().confirmations == 10
    tasks.learn()
    assert LearnedVote.objects.count() == 1


def test_too_few_of_a_kind_wait_for_more(decide) -> None:
    decide([10] * 12, separable=True)
    tasks.learn()
    assert not LearnedVote.objects.exists()


def test_the_command_learns_and_says_what_came_of_it(decide, capsys: pytest.CaptureFixture[str]) -> None:
    decide([10, 40] * 8, separable=True)
    call_command("tune", "labels", "--dry-run")
    assert not LearnedVote.objects.exists()
    assert "would be adopted" in capsys.readouterr().out
    call_command("tune", "labels")
    told = capsys.readouterr().out
    assert told.startswith("Learned from 16 labels that people decided.\n")
    assert "It is adopted, and counts for documents that are read from now on." in told


def test_the_command_says_when_there_is_too_little(fake_models: object, db: None) -> None:
    with pytest.raises(Rejected, match="There is too little to learn from"):
        call_command("tune", "labels")


def test_the_command_refuses_what_belongs_to_the_embedder(fake_models: object, db: None) -> None:
    with pytest.raises(CommandError, match="--undo is for the embedder"):
        call_command("tune", "labels", "--undo")
