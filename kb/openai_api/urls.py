"""The routes of the endpoint, which `kb.urls` mounts at /v1/."""

from django.urls import URLPattern, URLResolver, re_path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from kb.openai_api import chat, embeddings, models
from kb.openai_api.errors import tell_errors, told_in_json, unknown_address


class OpenAIApi(NinjaAPI):
    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """The framework's addresses; those that do not exist are answered here too, in OpenAI's shape."""
        patterns, application, namespace = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = csrf_exempt(told_in_json(pattern.callback))
        return [*patterns, re_path("", csrf_exempt(unknown_address))], application, namespace


api = OpenAIApi(
    title="Strongroom for clients of OpenAI's API",
    version="1",
    openapi_url=None,
    docs_url=None,
    urls_namespace="openai",
)
tell_errors(api)
for part in (models, chat, embeddings):
    api.add_router("", part.router)
urlpatterns = api.urls[0]
