"""Any provider that LiteLLM knows, or an OpenAI-compatible address: the one backend that can reach a cloud.

Whether a text may go there is not decided here but in the gateway. What is sent is `system` and `user` of the
prompt and nothing else; a failed call is never sent to another model.
"""

import collections.abc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from types import ModuleType
from typing import Any

from inference.protocols import Prompt, Usage
from kb.errors import ModelUnavailable

TIMEOUT = 60.0
"""Seconds without a byte from the provider."""

RETRIES = 1
"""Of the same request to the same model, before its first byte came back."""

UNKNOWN_WINDOW = 8192
"""Tokens, for a model that LiteLLM's table does not list."""

COUNTED_AS = "gpt-4o"
"""Whose tokenizer counts for every model: it lies inside the package, others would be fetched from a hub."""

COMPLAINTS = {
    "AuthenticationError": "refused the key: check STRONGROOM_LLM_API_KEY",
    "PermissionDeniedError": "does not let this key use the model",
    "NotFoundError": "does not know the model: check STRONGROOM_LLM_MODEL",
    "RateLimitError": "is over its rate limit or quota: wait, or raise it with the provider",
    "Timeout": "did not answer in time: try again, or raise the model's timeout",
    "InternalServerError": "failed, or could not be reached: try again, or check STRONGROOM_LLM_BASE_URL",
    "APIConnectionError": "could not be reached: check STRONGROOM_LLM_BASE_URL",
    "MidStreamFallbackError": "broke off in the middle of its answer: try again",
    "ContextWindowExceededError": "finds the prompt too long: set the model's window in MODELS",
    "ContentPolicyViolationError": "refused the text under its content policy",
    "BadRequestError": "refused the request as malformed: check STRONGROOM_LLM_MODEL",
}
"""What went wrong by LiteLLM's name for it, looked up along the error's class and its bases."""

UNUSABLE = "gave an answer that is not usable: try again later"


class Chat:
    """A `Generator`. Cheap to make: LiteLLM is imported by the first call."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        timeout: float = TIMEOUT,
        window: int | None = None,
    ):
        self.name = model
        self._base_url = base_url
        self._api_key = api_key
        self._timeout = timeout
        self._declared_window = window

    def __repr__(self) -> str:
        return f"Chat({self.name!r})"

    @cached_property
    def window(self) -> int:
        if self._declared_window:
            return self._declared_window
        # Read from the table by hand: LiteLLM's own look-up asks some servers over the network.
        prices = _litellm().model_cost
        known = prices.get(self.name) or prices.get(self.name.partition("/")[2]) or {}
        return int(known.get("max_input_tokens") or UNKNOWN_WINDOW)

    def generate(self, prompt: Prompt, *, max_tokens: int) -> collections.abc.Generator[str, None, Usage]:
        with self._translated():
            stream = self._send(prompt, max_tokens)
        try:
            with self._translated():
                answer, usage = yield from _pieces(stream)
                self._refuse_cut_off(stream)
        finally:
            _hang_up(stream)
        return self._usage(prompt, answer, usage)

    def count_tokens(self, text: str) -> int:
        """An estimate, by one tokenizer for all models; the usage of a call is the provider's own count."""
        count: int = _litellm().token_counter(model=COUNTED_AS, text=text)
        return count

    def _send(self, prompt: Prompt, max_tokens: int) -> Any:
        return _litellm().completion(
            model=self.name,
            messages=[{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            base_url=self._base_url,
            api_key=self._api_key,
            timeout=self._timeout,
            max_retries=RETRIES,
            max_tokens=max_tokens,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
            drop_params=True,  # Some models take no temperature, some no stream_options.
        )

    def _refuse_cut_off(self, stream: Any) -> None:
        """LiteLLM ends a stream that was cut as if the model had finished; only this field tells them apart."""
        if stream.received_finish_reason is None:
            raise ModelUnavailable(f"{self.name} broke off in the middle of its answer: try again.")

    def _usage(self, prompt: Prompt, answer: str, reported: Any) -> Usage:
        if reported is None:
            sent = self.count_tokens(prompt.system) + self.count_tokens(prompt.user)
            return self._priced(sent, self.count_tokens(answer))
        return self._priced(reported.prompt_tokens, reported.completion_tokens)

    def _priced(self, prompt_tokens: int, answer_tokens: int) -> Usage:
        try:
            parts = _litellm().cost_per_token(
                model=self.name, prompt_tokens=prompt_tokens, completion_tokens=answer_tokens
            )
        except Exception:  # noqa: BLE001 - LiteLLM raises a bare Exception for a model without a price.
            return Usage(prompt_tokens, answer_tokens, cost_usd=None)
        return Usage(prompt_tokens, answer_tokens, cost_usd=sum(parts))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ModelUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - on garbage LiteLLM raises whatever its parsing ran into.
            # Not chained: the vendor's message may hold the key or the text that was sent, and tracebacks are logged.
            raise ModelUnavailable(f"{self.name} {_complaint(error)}.") from None


def _complaint(error: Exception) -> str:
    names = (kind.__name__ for kind in type(error).__mro__)
    return next((COMPLAINTS[name] for name in names if name in COMPLAINTS), UNUSABLE)


def _pieces(stream: Any) -> collections.abc.Generator[str, None, tuple[str, Any]]:
    """Yields the text; returns all of it and the usage that the provider reported, if it did."""
    answer, usage = [], None
    for chunk in stream:
        usage = getattr(chunk, "usage", None) or usage
        if chunk.choices and (piece := chunk.choices[0].delta.content):
            answer.append(piece)
            yield piece
    return "".join(answer), usage


def _hang_up(stream: Any) -> None:
    """Closes the connection, so that a provider stops writing (and charging for) what nobody reads."""
    close = getattr(stream.completion_stream, "close", None)
    if close is not None:
        close()


def _litellm() -> ModuleType:
    """Imported late: it takes seconds and 170 MB. Without the variable it fetches a price list when imported."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    litellm.telemetry = False
    litellm.suppress_debug_info = True
    litellm.callbacks = []
    module: ModuleType = litellm
    return module
