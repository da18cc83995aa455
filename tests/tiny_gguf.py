"""GGUF files of a few hundred kilobytes with random weights, in the layout of each family of models.

What llama.cpp wants of an architecture is in its `src/models`; names of tensors are those of `gguf.constants`. The
families that are called “llama” there differ in vocabulary, heads and template: Llama 2, TinyLlama, Mistral, Llama 3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from gguf import GGUFWriter, TokenType

from inference.gguf import byte_of_character

WIDTH, FORWARD, HEADS, CONTEXT = 32, 64, 4, 2048
HEAD = WIDTH // HEADS
WORDS = ("the", "secret", "public", "yes", "no", "Paris", "Berlin")
LLAMA2 = "{{ '[INST] <<SYS>>' }}{{ bos_token }}{{ content.strip() }}"  # What llama.cpp knows its template by.
TINYLLAMA = "{{ '<|user|>' + message['content'] + eos_token + '<|assistant|>' }}"
MISTRAL = "{{ ' [INST] ' + system_message + ' [/INST]' }}"
LLAMA3 = "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>' + content + '<|eot_id|>' }}"
CHATML = "{{ '<|im_start|>' + message['role'] + message['content'] + '<|im_end|>' }}"
GEMMA = "{{ '<start_of_turn>' + role + message['content'] + '<end_of_turn>' }}"


@dataclass(frozen=True, slots=True)
class Family:
    """`pre` is how a byte-level vocabulary splits text; empty for one of SentencePiece. In Gemma 3 each sixth layer
    sees all of the text, and llama.cpp does not load a file without one.
    """

    architecture: str
    template: str
    pre: str = ""
    special: tuple[str, ...] = ()
    key_heads: int = HEADS
    layers: int = 2


FAMILIES = {
    "llama2": Family("llama", LLAMA2),
    "tinyllama": Family("llama", TINYLLAMA, key_heads=2),
    "mistral": Family("llama", MISTRAL, key_heads=2),
    "llama3": Family(
        "llama",
        LLAMA3,
        "llama-bpe",
        ("<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"),
        key_heads=2,
    ),
    "phi2": Family("phi2", "", "phi-2"),
    "qwen2": Family("qwen2", CHATML, "qwen2", ("<|im_end|>", "<|im_start|>"), key_heads=2),
    "gemma3": Family("gemma3", GEMMA, special=("<end_of_turn>", "<start_of_turn>"), key_heads=1, layers=6),
}


def make_gguf(folder: Path, name: str, *, template: str = "") -> Path:
    """Writes the file of a family, with another template if one is given. The same weights each time."""
    family, path = FAMILIES[name], folder / f"tiny-{name}.gguf"
    writer = GGUFWriter(path, family.architecture)
    _describe(writer, family, template or family.template)
    tokens = _byte_level(writer, family) if family.pre else _sentence_piece(writer, family)
    random = np.random.default_rng(7)
    for tensor, shape in _tensors(family, tokens):
        writer.add_tensor(tensor, random.normal(0, 0.3, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def _describe(writer: GGUFWriter, family: Family, template: str) -> None:
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(family.layers)
    writer.add_feed_forward_length(FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(family.key_heads)
    writer.add_rope_dimension_count(HEAD)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_layer_norm_eps(1e-5)
    if family.architecture == "gemma3":
        writer.add_key_length(HEAD)
        writer.add_value_length(HEAD)
        writer.add_sliding_window(64)
    if template:
        writer.add_chat_template(template)


def _sentence_piece(writer: GGUFWriter, family: Family) -> int:
    """As Llama 2 and Gemma have it: pieces with scores, “▁” for a space, and a token for each byte."""
    pieces = ["▁", *map(chr, range(0x21, 0x7F)), *(f"▁{word}" for word in WORDS)]
    parts = {word[:end] for word in WORDS for end in range(2, len(word) + 1)}
    pieces += sorted({*parts, *(f"▁{part}" for part in parts)} - set(pieces), key=len)
    kinds = (
        [("<unk>", TokenType.UNKNOWN), ("<s>", TokenType.CONTROL), ("</s>", TokenType.CONTROL)]
        + [(token, TokenType.CONTROL) for token in family.special]
        + [(f"<0x{byte:02X}>", TokenType.BYTE) for byte in range(256)]
        + [(piece, TokenType.NORMAL) for piece in pieces]
    )
    writer.add_tokenizer_model("llama")
    writer.add_token_list([token for token, _ in kinds])
    writer.add_token_scores([-float(place) for place in range(len(kinds))])
    writer.add_token_types([kind for _, kind in kinds])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    if family.special:
        writer.add_eot_token_id(3)
    writer.add_add_bos_token(True)
    return len(kinds)


def _byte_level(writer: GGUFWriter, family: Family) -> int:
    """As GPT-2 has it: a character for each byte, and merges."""
    merges = [
        (word[:end], word[end]) for word in (f"Ġ{each}" for each in WORDS) for end in range(1, len(word))
    ]
    merges = list(dict.fromkeys(merges))
    special = ["<|endoftext|>", *family.special]
    tokens = [*special, *byte_of_character(), *("".join(pair) for pair in merges)]
    kinds = [TokenType.CONTROL] * len(special) + [TokenType.NORMAL] * (len(tokens) - len(special))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(family.pre)
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1 if family.special else 0)
    return len(tokens)


def _tensors(family: Family, tokens: int) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Names and shapes; rows are outputs, as numpy and PyTorch write a matrix."""
    biased = family.architecture == "phi2"
    yield "token_embd.weight", (tokens, WIDTH)
    yield from _norm("output_norm", biased)
    if family.architecture != "gemma3":  # Gemma's output matrix is its input matrix.
        yield "output.weight", (tokens, WIDTH)
    if biased:
        yield "output.bias", (tokens,)
    for layer in range(family.layers):
        for name, shape in _block(family):
            yield f"blk.{layer}.{name}", shape


def _block(family: Family) -> Iterator[tuple[str, tuple[int, ...]]]:
    biased, keys = family.architecture == "phi2", family.key_heads * HEAD
    yield from _norm("attn_norm", biased)
    for name, rows in (("attn_q", WIDTH), ("attn_k", keys), ("attn_v", keys)):
        yield f"{name}.weight", (rows, WIDTH)
        if family.architecture in {"phi2", "qwen2"}:
            yield f"{name}.bias", (rows,)
    yield "attn_output.weight", (WIDTH, WIDTH)
    yield "ffn_up.weight", (FORWARD, WIDTH)
    yield "ffn_down.weight", (WIDTH, FORWARD)
    if biased:
        yield from (("attn_output.bias", (WIDTH,)), ("ffn_up.bias", (FORWARD,)), ("ffn_down.bias", (WIDTH,)))
        return
    yield "ffn_gate.weight", (FORWARD, WIDTH)
    yield from _norm("ffn_norm", biased)
    if family.architecture == "gemma3":
        yield from (("attn_q_norm.weight", (HEAD,)), ("attn_k_norm.weight", (HEAD,)))
        yield from (("post_attention_norm.weight", (WIDTH,)), ("post_ffw_norm.weight", (WIDTH,)))


def _norm(name: str, biased: bool) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield f"{name}.weight", (WIDTH,)
    if biased:
        yield f"{name}.bias", (WIDTH,)
