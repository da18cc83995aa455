"""What a chat model wants around the system's text and the user's, for models that llama.cpp runs.

The template in a GGUF file is a program that came with the weights, and is not run (CVE-2024-34359). llama.cpp knows
the usual ones by their look and writes their turns itself; it is asked once, with a word in the place of each text.
"""

from collections.abc import Callable
from dataclasses import dataclass

SYSTEM, USER = "system-text-goes-here", "user-text-goes-here"


@dataclass(frozen=True, slots=True)
class ChatFormat:
    """The strings before the system's text, between the two, and after the user's. Their markers are tokens."""

    before: str
    between: str
    after: str


PLAIN = ChatFormat("", "\n\n", "\n\n")
"""For a model that was not taught to chat, and for one whose format is not known."""

WITHOUT_TEMPLATE = {"phi2": ChatFormat("Instruct: ", "\n\n", "\nOutput:")}
"""By architecture, for families whose files bring no template: Phi-2 after its model card."""

ZEPHYR, PHI3 = ("<|user|>", "<|assistant|>", "eos_token"), "<|end|>"
"""What is in the templates of Zephyr and TinyLlama, which llama.cpp takes for GLM-Edge's, and what is not."""


def chat_format(
    template: str, architecture: str, *, end_of_text: str, render: Callable[[str], str]
) -> ChatFormat:
    """`render` makes llama.cpp's conversation of SYSTEM and USER with a template.

    Raises:
        RuntimeError: llama.cpp does not know the template.
    """
    if not template:
        return WITHOUT_TEMPLATE.get(architecture, PLAIN)
    if all(word in template for word in ZEPHYR) and PHI3 not in template:
        return ChatFormat("<|system|>\n", f"{end_of_text}\n<|user|>\n", f"{end_of_text}\n<|assistant|>\n")
    before, system, rest = render(template).partition(SYSTEM)
    between, user, after = rest.partition(USER)
    return ChatFormat(before, between, after) if system and user else PLAIN
