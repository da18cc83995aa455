"""What requests carry, checked before any of it is used."""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints, WithJsonSchema

from kb.models import Sensitivity


def _label(name: object) -> Sensitivity:
    try:
        return Sensitivity.named(str(name))
    except KeyError as error:
        raise ValueError(
            f"There is no sensitivity “{name}”. The labels are {', '.join(Sensitivity.names)}."
        ) from error


def _without_nul(text: str) -> str:
    """A database refuses it only when it is asked, and PostgreSQL and SQLite differ in when."""
    if "\0" in text:
        raise ValueError("The text holds a NUL character. Remove it.")
    return text


Label = Annotated[
    Sensitivity,
    BeforeValidator(_label),
    WithJsonSchema({"type": "string", "enum": Sensitivity.names, "description": "In any case."}),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_without_nul)]
