"""The vote of a classifier that the house has trained, where a setting names one."""

from uuid import UUID

import numpy as np

from inference import gateway, registry
from inference.protocols import Prompt
from ingestion.learned import as_vote
from ingestion.votes import LABELS, Vote
from kb.models import ModelCall, Sensitivity

VERSION = "classifier-1"


def classifier_vote(text: str, *, subject: UUID) -> Vote:
    """Zeros where no classifier is named.

    Raises:
        ModelUnavailable: it is missing, failed, or has other labels.
    """
    if not registry.is_configured("classifier"):
        return np.zeros(len(LABELS))
    call = gateway.Call(
        purpose=ModelCall.Purpose.CLASSIFY,
        model="classifier",
        prompt=Prompt(VERSION, system="", user=text),
        text_sensitivity=Sensitivity.RESTRICTED,
        subject=subject,
    )
    return as_vote(LABELS, np.array(gateway.score(call, [label.name for label in LABELS])))
