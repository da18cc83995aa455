"""Who else may read a conversation."""

from django.db import models, transaction
from django.utils import timezone

from kb.errors import Rejected
from kb.models.answers import Conversation
from kb.models.audit import Event
from kb.models.collections import Collection
from kb.models.people import Person


class Share(models.Model):
    """A conversation that its owner lets a colleague read. He reads in it what he may read anyway."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="shares")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["person__username"]
        constraints = [
            models.UniqueConstraint(fields=["conversation", "person"], name="shared_once_with_a_person")
        ]

    def __str__(self) -> str:
        return f"{self.conversation} with {self.person}"

    @classmethod
    def give(cls, conversation: Conversation, username: str) -> "Share":
        """Lets the colleague read from the next request on; doing it again changes nothing.

        Raises:
            Rejected: there is no such colleague. The sentence is the same for all reasons, so that it tells nobody's
                user name to those who have no collection in common with him.
        """
        person = _colleague(conversation.person, username.strip())
        if person is None:
            raise Rejected(
                f"There is no colleague with the user name “{username.strip()}” who reads a collection that you read. "
                "Check how it is written."
            )
        with transaction.atomic():
            share, new = cls.objects.get_or_create(conversation=conversation, person=person)
            if new:
                share._note(Event.Verb.SHARE)
        return share

    def withdraw(self) -> None:
        """The colleague gets nothing from the next request on."""
        with transaction.atomic():
            self._note(Event.Verb.UNSHARE)
            self.delete()

    def _note(self, verb: Event.Verb) -> None:
        Event.objects.create(
            person=self.conversation.person,
            verb=verb,
            subject=self.conversation_id,
            note=f"With {self.person.username}.",
        )


def _colleague(owner: Person, username: str) -> Person | None:
    """An active person other than the owner who reads one of his collections."""
    person = Person.objects.filter(username=username, is_active=True).exclude(pk=owner.pk).first()
    common = Collection.objects.readable_by(owner)
    if person is None or not common.filter(pk__in=Collection.objects.readable_by(person)).exists():
        return None
    return person
