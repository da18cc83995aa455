"""An answer without a language model: the best sentences of the sources, each cited."""

from collections.abc import Generator

from inference import registry
from inference.extract import best_sentences
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
        best = best_sentences(prompt.question, prompt.shown, registry.embedder(), language=prompt.language)
        for extract in best:
            spent += self.count_tokens(extract.text)
            if spent > max_tokens:
                break
            yield f"{extract.text} [{extract.marker}]\n\n"
        return Usage(prompt_tokens=self.count_tokens(prompt.user), answer_tokens=spent, cost_usd=0.0)

    def count_tokens(self, text: str) -> int:
        return registry.embedder().count_tokens(text)
