"""An answer without a language model: the best statements of the sources, each cited."""

from collections.abc import Generator

from inference import registry
from inference.extract import Extract, best_statements
from inference.protocols import THIS_PROCESS, BeforeSending, Prompt, Usage


class Extractive:
    """Quotes; works at once, on any machine, and invents nothing."""

    name = "extractive"
    window = 16_000
    destination = THIS_PROCESS

    def generate(
        self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending
    ) -> Generator[str, None, Usage]:
        before_sending(prompt.serialised())
        spent = 0
        best = best_statements(prompt.question, prompt.shown, registry.embedder(), language=prompt.language)
        for extract in best:
            spent += self.count_tokens(extract.text)
            if spent > max_tokens:
                break
            yield _cited(extract)
        return Usage(prompt_tokens=self.count_tokens(prompt.user), answer_tokens=spent, cost_usd=0.0)

    def count_tokens(self, text: str) -> int:
        return registry.embedder().count_tokens(text)


def _cited(extract: Extract) -> str:
    """A paragraph, or what introduces a list and its items."""
    first, *items = (f"{line} [{extract.marker}]" for line in extract.lines)
    return "\n\n".join([first, "\n".join(f"- {item}" for item in items)] if items else [first]) + "\n\n"
