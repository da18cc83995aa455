"""Any provider that LiteLLM knows, or an OpenAI-compatible address: the one backend that can reach a cloud.

Whether a text may go there is not decided here but in the gateway. What is sent is `system` and `user` of the
prompt and nothing else; a failed call is never sent to another model, and each request is told before it leaves,
each retry too. LiteLLM gets a client of ours for every call; those that it would make for itself cannot send.
"""

import collections.abc
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import ModuleType
from typing import Any, TypeVar

import httpx

from inference.backends.listening import Patience, in_turns
from inference.backends.wire import Announced, Line, Retried, Unannounced
from inference.protocols import BeforeSending, Prompt, Usage
from kb.errors import ModelUnavailable, PromptRefused, StrongroomError

UNKNOWN_WINDOW = 8192
"""Tokens, for a model that LiteLLM's table does not list."""

COUNTED_AS = "gpt-4o"
"""Whose tokenizer counts for every model: it lies inside the package, others would be fetched from a hub."""

HOSTS = {
    "openai": "api.openai.com",
    "anthropic": "api.anthropic.com",
    "gemini": "generativelanguage.googleapis.com",
    "mistral": "api.mistral.ai",
    "groq": "api.groq.com",
    "deepseek": "api.deepseek.com",
    "openrouter": "openrouter.ai",
    "together_ai": "api.together.xyz",
    "xai": "api.x.ai",
    "ollama": "localhost:11434",
    "ollama_chat": "localhost:11434",
}
"""Where LiteLLM sends by the provider in a model's name. Others, and Azure, need a base URL."""

COMPLAINTS = {
    "AuthenticationError": "refused the key: check STRONGROOM_LLM_API_KEY",
    "PermissionDeniedError": "does not let this key use the model",
    "NotFoundError": "does not know the model: check STRONGROOM_LLM_MODEL",
    "RateLimitError": "is over its rate limit or quota: wait, or raise it with the provider",
    "Timeout": "did not answer in time: try again",
    "InternalServerError": "failed, or could not be reached: try again, or check STRONGROOM_LLM_BASE_URL",
    "APIConnectionError": "could not be reached: check STRONGROOM_LLM_BASE_URL",
    "MidStreamFallbackError": "broke off in the middle of its answer: try again",
    "ContextWindowExceededError": "finds the prompt too long: set the model's window in MODELS",
    "ContentPolicyViolationError": "refused the text under its content policy",
    "BadRequestError": "refused the request as malformed: check STRONGROOM_LLM_MODEL",
}
"""What went wrong by LiteLLM's name for it, looked up along the error's class and its bases."""

OF_THE_PROMPT = frozenset({"ContextWindowExceededError", "ContentPolicyViolationError"})
"""Complaints about what was sent: the model itself is well."""

UNUSABLE = "gave an answer that is not usable: try again later"


class Chat:
    """A `Generator`. Cheap to make: LiteLLM is imported by the first call."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
        patience: Mapping[str, float] | None = None,
        window: int | None = None,
    ):
        """`patience` has the fields of `Patience`, in seconds."""
        self.name = model
        self._base_url = base_url
        self._api_key = api_key
        self._patience = Patience(**(patience or {}))
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

    @property
    def destination(self) -> str:
        if self._base_url:
            return httpx.URL(self._base_url).netloc.decode()
        return HOSTS.get(self._provider, "")

    def generate(
        self, prompt: Prompt, *, max_tokens: int, before_sending: BeforeSending
    ) -> collections.abc.Generator[str, None, Usage]:
        line = Line()
        _litellm()  # The clock must not run while it is imported.

        def work(announce: BeforeSending) -> collections.abc.Generator[str, None, Usage]:
            return self._write(prompt, max_tokens, self._client(announce, line))

        usage = yield from in_turns(
            work, self.name, self._patience, before_sending=before_sending, hang_up=line.hang_up
        )
        return usage

    def _write(
        self, prompt: Prompt, max_tokens: int, client: Any
    ) -> collections.abc.Generator[str, None, Usage]:
        with self._translated():
            stream = self._send(prompt, max_tokens, client)
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

    def price(self, prompt_tokens: int, answer_tokens: int) -> float | None:
        """US dollars, by LiteLLM's list."""
        try:
            parts = _litellm().cost_per_token(
                model=self.name, prompt_tokens=prompt_tokens, completion_tokens=answer_tokens
            )
        except Exception:  # noqa: BLE001 - LiteLLM raises a bare Exception for a model without a price.
            return None
        return float(sum(parts))

    @property
    def _provider(self) -> str:
        return self.name.partition("/")[0]

    @cached_property
    def _connections(self) -> httpx.Client:
        """One for each request, so that any can be hung up; proxies and certificates are the environment's."""
        return httpx.Client(
            follow_redirects=False,
            limits=httpx.Limits(max_keepalive_connections=0),
            timeout=httpx.Timeout(self._patience.total, connect=self._patience.connect),
        )

    def _client(self, before_sending: BeforeSending, line: Line) -> Any:
        """What LiteLLM sends one call through."""
        if not self.destination:
            raise ModelUnavailable(
                f"Nobody said where {self.name} is: set STRONGROOM_LLM_BASE_URL, or name the model like openai/gpt-4o."
            )
        announced = Announced(self._connections, self.destination, before_sending, line)
        return self._client_of_provider(httpx.Client(transport=Retried(announced, line)))

    def _client_of_provider(self, http: httpx.Client) -> Any:
        """Of the class that LiteLLM takes for the provider; any other it would leave aside for one of its own."""
        litellm = _litellm()
        if self._provider == "azure":
            from openai import AzureOpenAI

            return AzureOpenAI(
                http_client=http,
                azure_endpoint=self._base_url or "",
                api_key=self._api_key,
                api_version=litellm.AZURE_DEFAULT_API_VERSION,
            )
        if self._provider == "openai":
            from openai import OpenAI

            base_url = self._base_url or f"https://{self.destination}/v1"
            # An endpoint without keys takes any.
            return OpenAI(http_client=http, base_url=base_url, api_key=self._api_key or "none")
        from litellm.llms.custom_httpx.http_handler import HTTPHandler

        return HTTPHandler(client=http)

    def _send(self, prompt: Prompt, max_tokens: int, client: Any) -> Any:
        return _litellm().completion(
            model=self.name,
            messages=[{"role": "system", "content": prompt.system}, {"role": "user", "content": prompt.user}],
            base_url=self._base_url,
            api_key=self._api_key,
            client=client,
            timeout=self._patience.total,
            max_retries=0,  # `Retried` does it, for every provider alike.
            max_tokens=max_tokens,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
            drop_params=True,  # Some models take no temperature, some no stream_options.
        )

    def _refuse_cut_off(self, stream: Any) -> None:
        """LiteLLM ends a stream that was cut as if the model had finished; only these fields tell them apart.

        The second is set by Gemini's last piece of text, but by its others too: of Gemini only a connection that
        breaks is noticed.
        """
        if stream.received_finish_reason is None and stream.intermittent_finish_reason is None:
            raise ModelUnavailable(f"{self.name} broke off in the middle of its answer: try again.")

    def _usage(self, prompt: Prompt, answer: str, reported: Any) -> Usage:
        if reported is None:
            sent = self.count_tokens(prompt.system) + self.count_tokens(prompt.user)
            return self._priced(sent, self.count_tokens(answer))
        return self._priced(reported.prompt_tokens, reported.completion_tokens)

    def _priced(self, prompt_tokens: int, answer_tokens: int) -> Usage:
        return Usage(prompt_tokens, answer_tokens, self.price(prompt_tokens, answer_tokens))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except StrongroomError:
            raise
        except Exception as error:  # noqa: BLE001 - on garbage LiteLLM raises whatever its parsing ran into.
            if ours := _within(error, StrongroomError):
                raise ours from None
            if _within(error, httpx.ConnectTimeout):
                took = f"could not be connected to within {self._patience.connect:g} s"
                raise ModelUnavailable(f"{self.name} {took}: check STRONGROOM_LLM_BASE_URL.") from None
            # Not chained: the vendor's message may hold the key or the text that was sent, and tracebacks are logged.
            kind = PromptRefused if _names(error).keys() & OF_THE_PROMPT else ModelUnavailable
            raise kind(f"{self.name} {_complaint(error)}.") from None


E = TypeVar("E", bound=BaseException)


def _within(error: BaseException | None, kind: type[E]) -> E | None:
    """The error of this kind that the vendors' errors are wrapped around, if there is one."""
    while error:
        if isinstance(error, kind):
            return error
        error = error.__cause__ or error.__context__
    return None


def _names(error: Exception) -> dict[str, None]:
    """The names of the error's class and of its bases, in their order."""
    if getattr(error, "is_pre_first_chunk", False):
        # A provider that refused before it said anything, as LiteLLM wraps it in a stream.
        error = getattr(error, "original_exception", None) or error
    return dict.fromkeys(kind.__name__ for kind in type(error).__mro__)


def _complaint(error: Exception) -> str:
    return next((COMPLAINTS[name] for name in _names(error) if name in COMPLAINTS), UNUSABLE)


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
    if litellm.client_session is None:
        litellm.sync_transport = Unannounced()
        litellm.client_session = httpx.Client(transport=litellm.sync_transport)
    module: ModuleType = litellm
    return module
