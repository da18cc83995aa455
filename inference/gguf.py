"""GGUF files: makes a current one readable for ctransformers, and says what bytes a token stands for.

The llama.cpp inside ctransformers is of 2023. It wants three things that newer files leave out or write
differently: an output matrix of its own, a score for each token, and tokens as the bytes they stand for.
Its own tokenizer is wrong on text outside ASCII, so that the vocabulary becomes a `tokenizers` file instead.
Today's llama.cpp reads a file as it is (`inference.backends.llamacpp`).
"""

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    from gguf import GGUFReader, GGUFWriter
    from tokenizers import Tokenizer, pre_tokenizers

ARCHITECTURE = "llama"
NORMAL_TOKEN, CONTROL_TOKEN = 1, 3
"""Token types of the GGUF specification."""

DROPPED = {"GGUF.version", "GGUF.tensor_count", "GGUF.kv_count", "tokenizer.chat_template"}
"""The writer makes the first three itself. The template is a program that came with the weights: it is never run."""

TOKENS, TOKEN_TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
BYTE_TOKEN = re.compile("<0x([0-9A-F]{2})>")
MERGES, SCORES = "tokenizer.ggml.merges", "tokenizer.ggml.scores"


def rewrite(source: Path, model: Path, tokenizer: Path) -> None:
    """Writes `model` for ctransformers and `tokenizer` for tokenizers; neither name may exist in use.

    Raises:
        ModelUnavailable: the file is no GGUF, or of a family that ctransformers cannot run.
    """
    from gguf import GGUFReader  # Two seconds of imports that only a first start needs.

    try:
        reader = GGUFReader(source)
        _refuse_unknown_family(reader, source)
        _tokenizer(reader).save(str(tokenizer))
        _write(reader, model)
    except (ValueError, KeyError, IndexError, TypeError, OSError) as error:
        # The reader has no error of its own: on a damaged file it runs into one of these.
        raise ModelUnavailable(f"{source} could not be rewritten for ctransformers: {error}.") from error


def _value(reader: "GGUFReader", key: str, default: Any = None) -> Any:
    field = reader.get_field(key)
    return default if field is None else field.contents()


def _refuse_unknown_family(reader: "GGUFReader", source: Path) -> None:
    architecture = _value(reader, "general.architecture")
    vocabulary = _value(reader, "tokenizer.ggml.model")
    if architecture != ARCHITECTURE or vocabulary != "gpt2":
        raise ModelUnavailable(
            f"{source.name} is a “{architecture}” model with a “{vocabulary}” vocabulary; ctransformers runs "
            "“llama” with “gpt2” (SmolLM2, for example). Set "
            "STRONGROOM_SLM_BACKEND=llamacpp, which runs this one."
        )


def _tokenizer(reader: "GGUFReader") -> "Tokenizer":
    from tokenizers import AddedToken, Tokenizer, decoders, models

    tokens: list[str] = _value(reader, TOKENS)
    merges = [tuple(pair.split(" ", 1)) for pair in _value(reader, MERGES)]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = _pre_tokenizer(_value(reader, "tokenizer.ggml.pre", "default"))
    tokenizer.decoder = decoders.ByteLevel()
    control = [
        token
        for token, kind in zip(tokens, _value(reader, TOKEN_TYPES), strict=True)
        if kind == CONTROL_TOKEN
    ]
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in control])
    return tokenizer


def _pre_tokenizer(name: str) -> "pre_tokenizers.PreTokenizer":
    """How llama.cpp splits text before merging, for the vocabularies that it calls by this name."""
    from tokenizers import pre_tokenizers

    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    if name in {"default", "gpt-2"}:
        return byte_level
    if name == "smollm":
        return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), byte_level])
    raise ModelUnavailable(f"The GGUF file splits text as “{name}”; Strongroom knows “smollm” and “gpt-2”.")


def _write(reader: "GGUFReader", model: Path) -> None:
    from gguf import GGUFWriter

    writer = GGUFWriter(model, ARCHITECTURE)
    _copy_fields(reader, writer)
    _add_tensors(reader, writer)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _copy_fields(reader: "GGUFReader", writer: "GGUFWriter") -> None:
    for name, field in reader.fields.items():
        if name in DROPPED | {"general.architecture", TOKENS, SCORES}:
            continue
        writer.add_key_value(
            name, field.contents(), field.types[0], field.types[-1] if len(field.types) > 1 else None
        )
    tokens, types = _value(reader, TOKENS), _value(reader, TOKEN_TYPES)
    writer.add_token_list(_raw_tokens(tokens, types))
    # Merges rank by their place in the vocabulary; the old loader only wants the array to be there.
    writer.add_token_scores(_value(reader, SCORES) or [-float(i) for i in range(len(tokens))])


def _add_tensors(reader: "GGUFReader", writer: "GGUFWriter") -> None:
    tensors = {tensor.name: tensor for tensor in reader.tensors}
    # Tied embeddings: newer files leave the output matrix out where it is the input matrix again.
    tensors.setdefault("output.weight", tensors["token_embd.weight"])
    for name, tensor in tensors.items():
        writer.add_tensor(name, tensor.data, raw_dtype=tensor.tensor_type)


def _raw_tokens(tokens: Sequence[str], types: Sequence[int]) -> list[bytes]:
    """Each normal token as the bytes that it stands for; the others as they are written."""
    byte_of = byte_of_character()
    return [
        bytes(byte_of[character] for character in token) if kind == NORMAL_TOKEN else token.encode()
        for token, kind in zip(tokens, types, strict=True)
    ]


def token_bytes(token: str) -> bytes:
    """What a token is as bytes: “<0xE2>” of SentencePiece, GPT-2's characters for bytes, or plain text."""
    if byte := BYTE_TOKEN.fullmatch(token):
        return bytes.fromhex(byte[1])
    byte_of = byte_of_character()
    if set(token) <= byte_of.keys():
        return bytes(byte_of[character] for character in token)
    return token.encode()


@cache
def byte_of_character() -> dict[str, int]:
    """GPT-2's table the other way round: printable bytes stand for themselves, the rest from U+0100 on."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    hidden = [byte for byte in range(0x100) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {chr(0x100 + i): byte for i, byte in enumerate(hidden)}
