"""Whether a person may still spend tokens and money, and what each call of a model takes of that."""

from django.db import transaction

from inference import registry
from inference.protocols import Location, Priced
from inference.registry import QUOTED
from kb.errors import BudgetSpent
from kb.models import Allowance, ModelCall, Person, Spending
from kb.models.allowances import AllowanceQuerySet, Period

BYTES_PER_TOKEN = 3
"""Of a request, at least: what is under way counts as rather too much."""
ANSWER_TOKENS = 700
"""That an answer under way counts as."""


def check_call(model: str, person: Person | None) -> None:
    """`check`, for a call that counts.

    Raises:
        BudgetSpent: as `check`.
    """
    if person is not None and model != QUOTED:
        check(person)


def check(person: Person) -> None:
    """Whether all budgets that apply to the person, his groups and his key leave something.

    One query, and one more for each day or month that is limited.

    Raises:
        BudgetSpent: one is used up; the sentence says when it renews.
    """
    _check_all(Allowance.objects.applying_to(person))


def _check_all(allowances: AllowanceQuerySet) -> None:
    for allowance in allowances.select_related("key", "person", "group"):
        for period in Period:
            _check(allowance, period)


def _check(allowance: Allowance, period: Period) -> None:
    tokens, usd = allowance.tokens(period), allowance.usd(period)
    if tokens is None and usd is None:
        return
    used_tokens, used_usd = Spending.objects.of(allowance.holder).in_period(period).summed()
    if tokens is not None and used_tokens >= tokens:
        raise BudgetSpent(_sentence(allowance, period, f"{tokens:,} tokens"), period.renews())
    if usd is not None and used_usd >= usd:
        raise BudgetSpent(_sentence(allowance, period, f"{usd:,.2f} US dollars"), period.renews())


def _sentence(allowance: Allowance, period: Period, amount: str) -> str:
    whose = "this key" if allowance.key else "you" if allowance.person else f"the group “{allowance.group}”"
    renews = period.renews()
    return (
        f"The budget of {amount} a {period.label} for {whose} is used up. "
        f"It renews on {renews:%-d %B %Y at %H:%M} UTC; an administrator can raise it."
    )


def reserve(entry: ModelCall, model: str, person: Person | None) -> None:
    """Counts a call that is about to be made, by an estimate. Quotes do not count, nor what no person asked for.

    Checks once more, with the budgets held: of calls at the same moment, only one takes the last that is left.

    Raises:
        BudgetSpent: as `check`; nothing is counted.
    """
    if person is None or model == QUOTED:
        return
    prompt = entry.sent_bytes // BYTES_PER_TOKEN
    usd = _price(model, prompt)
    with transaction.atomic():
        # In one order, so that no two wait for each other. SQLite lets one transaction write, and locks no rows.
        _check_all(Allowance.objects.applying_to(person).select_for_update(of=("self",)).order_by("pk"))
        Spending.objects.create(
            call=entry,
            person_id=person.pk,
            key_id=person.bounds.key if person.bounds else None,
            tokens=prompt + ANSWER_TOKENS,
            usd=usd,
        )


def _price(model: str, prompt: int) -> float:
    """In US dollars; nothing on-premises, or where no price is known."""
    generator = registry.generator(model)
    if registry.location(model) != Location.CLOUD or not isinstance(generator, Priced):
        return 0.0
    return generator.price(prompt, ANSWER_TOKENS) or 0.0


def settle(entry: ModelCall) -> None:
    """What the call took in the end. One that was stopped is left at its estimate; one that failed took nothing."""
    mine = Spending.objects.filter(call=entry)
    if entry.outcome == ModelCall.Outcome.DONE:
        tokens = (entry.prompt_tokens or 0) + (entry.answer_tokens or 0)
        mine.update(tokens=tokens, usd=entry.cost_usd or 0.0)
    elif entry.outcome == ModelCall.Outcome.FAILED:
        mine.update(tokens=0, usd=0.0)
