"""MODELS: every model by what it is for, as the environment names it, with where it runs."""

from environ import FileAwareEnv

from kb.environment import PATIENCE, chat_model

Model = dict[str, object]
"""`BACKEND` is a dotted path, `LOCATION` what the administrator declares, `OPTIONS` the backend's arguments."""

HERE, CLOUD = "on-premises", "cloud"
DEMONSTRATION = "demonstration"
"""The model in the process of the stand-in for a cloud, where one is named."""
USUAL_EMBEDDER = "all-MiniLM-L6-v2"


def model_table(env: FileAwareEnv, *, embedder: str | None, hub: bool, demo_cloud: int) -> dict[str, Model]:
    """`embedder` is the one that was chosen, if one was; `hub` says whether weights may be fetched; `demo_cloud` is the
    port of a stand-in for the LLM, or 0."""
    table = {
        "embedder": _embedder(env, embedder or USUAL_EMBEDDER, hub),
        "sparse": _here("bm25.Bm25", language=env.str("STRONGROOM_LANGUAGE", default="en")),
        "slm": _slm(env, hub),
        "extractive": _here("extractive.Extractive"),
    }
    if reranker := env.str("STRONGROOM_RERANKER", default=""):
        table["reranker"] = _here("cross_encoder.CrossEncoderReranker", model=reranker, hub=hub)
    if classifier := env.str("STRONGROOM_CLASSIFIER", default=""):
        table["classifier"] = _here("sequence_classifier.SequenceClassifier", model=classifier, hub=hub)
    return table | _llms(env, hub, demo_cloud)


def _here(backend: str, **options: object) -> Model:
    return {"BACKEND": f"inference.backends.{backend}", "LOCATION": HERE, "OPTIONS": options}


def _embedder(env: FileAwareEnv, model: str, hub: bool) -> Model:
    return _here(
        "dense.embedder",
        model=model,
        query_prefix=env.str("STRONGROOM_EMBEDDER_QUERY_PREFIX", default=""),
        passage_prefix=env.str("STRONGROOM_EMBEDDER_PASSAGE_PREFIX", default=""),
        precision=env.str("STRONGROOM_EMBEDDER_PRECISION", default="auto"),
        hub=hub,
    )


def _slm(env: FileAwareEnv, hub: bool) -> Model:
    """Only backends in this process have a Gguf: what reads every document sends nothing."""
    model = env.str("STRONGROOM_SLM", default="SmolLM2-135M-Instruct")
    backend = env.str("STRONGROOM_SLM_BACKEND", default="ctransformers")
    return _here(f"{backend}.Gguf", model=model, hub=hub, **env.json("STRONGROOM_SLM_OPTIONS", default={}))


def _llms(env: FileAwareEnv, hub: bool, demo_cloud: int) -> dict[str, Model]:
    """The LLM and the one that is asked when it fails, each under the routes of its own location; none is no fault."""
    first, second = chat_model(env, "STRONGROOM_LLM"), chat_model(env, "STRONGROOM_LLM2")
    in_process = _gguf(env, hub)
    first = in_process or first
    if second:
        first["FALLBACK"] = ["llm2"]
    named = {"llm": first, "llm2": second}
    if demo_cloud:
        named = {"llm": _demonstration(demo_cloud, patient=bool(in_process)), DEMONSTRATION: in_process}
    return {name: model for name, model in named.items() if model.get("BACKEND")}


def _gguf(env: FileAwareEnv, hub: bool) -> Model:
    model = env.str("STRONGROOM_LLM_GGUF", default="")
    options = env.json("STRONGROOM_LLM_OPTIONS", default={})
    return _here("llamacpp.Gguf", model=model, hub=hub, **options) if model else {}


def _demonstration(port: int, *, patient: bool) -> Model:
    """`patient`: with a stand-in that runs a model on this machine instead of quoting."""
    options = {
        "model": "openai/demonstration",
        "base_url": f"http://127.0.0.1:{port}/v1",
        "api_key": "none",
        "patience": PATIENCE[HERE if patient else CLOUD],
    }
    return {"BACKEND": "inference.backends.litellm.Chat", "LOCATION": CLOUD, "OPTIONS": options}
