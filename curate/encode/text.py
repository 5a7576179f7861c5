"""Any encoder of text that transformers has: T5 and UMT5, CLIP, decoders of the kinds of Qwen and Llama.

Weights are safetensors, code in a folder is not run, nothing is downloaded. Of a model that also sees or writes, the
part that reads text is used.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
import transformers
from transformers.models.auto import modeling_auto

from curate.encode.loading import DTYPES, device
from curate.encode.stored import Values
from curate.encode.text_contract import Encoded, TextContract, TextModel
from curate.encode.wording import Variant
from curate.errors import RecipeError
from curate.weights import checked

VERSION = 1
KEY = "embed.model"
NO_FORMATS: Mapping[Variant, str] = MappingProxyType({})


class TextTransformer:
    """Texts to hidden states, several of about one length at a time.

    Shorter ones of a batch are padded on the right and masked, and cut to their length afterwards: a batch gives the
    values of its texts alone but for rounding.
    """

    def __init__(self, model: TextModel, batch_tokens: int, formats: Mapping[Variant, str] = NO_FORMATS) -> None:
        folder = checked(model.folder, model.sha256, KEY)
        self._model, self._said, self._batch_tokens = _loaded(folder, model), model, batch_tokens
        self._tokens = _tokenizer(folder)
        config = self._model.config
        positions = getattr(config, "max_position_embeddings", None)
        if positions is not None and model.max_tokens > positions:
            raise RecipeError(f"{KEY}.max_tokens: {model.name} reads {positions} at most, not {model.max_tokens}")
        self._pad = _pad_of(self._tokens, config)
        self.contract = TextContract(
            name=model.name,
            version=VERSION,
            weights_hash=model.sha256,
            architecture=type(self._model).__name__,
            hidden=model.hidden,
            channels=int(config.hidden_size),
            max_tokens=model.max_tokens,
            padding="none",
            template=model.template,
            dropped=model.drop,
            formats=tuple(sorted(formats.items())),
            compute=model.compute,
            dtype=model.stored,
        )

    def encode(self, texts: Sequence[str]) -> list[Encoded]:
        """In the order of the texts."""
        read = [self._read(text) for text in texts]
        found: dict[int, Values] = {}
        for batch in _batches([len(ids) for ids, _ in read], self._batch_tokens):
            found |= zip(batch, self._hidden([read[index][0] for index in batch]), strict=True)
        return [Encoded(found[index], len(ids), cut) for index, (ids, cut) in enumerate(read)]

    def _read(self, text: str) -> tuple[list[int], int]:
        """The tokens of a text, and how many were cut off. One without any is the token of padding."""
        whole, most = self._said.template.replace("{}", text), self._said.max_tokens
        ids: list[int] = self._tokens(whole, verbose=False)["input_ids"]
        if len(ids) > most:
            kept: list[int] = self._tokens(whole, truncation=True, max_length=most, verbose=False)["input_ids"]
            return kept, len(ids) - len(kept)
        if len(ids) <= self._said.drop:
            return [*ids, self._pad], 0
        return ids, 0

    def _hidden(self, batch: Sequence[list[int]]) -> Iterator[Values]:
        """[T, D] of each text."""
        longest = max(map(len, batch))
        ids = torch.tensor([[*row, *[self._pad] * (longest - len(row))] for row in batch], device=device())
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in batch], device=device())
        with torch.inference_mode():
            said = self._model(
                input_ids=ids, attention_mask=mask, output_hidden_states=self._said.hidden == "penultimate",
                return_dict=True,
            )  # fmt: skip
        if self._said.hidden == "pooled":
            yield from (_array(row[None]) for row in _pooled(said, self._said))
            return
        states = said.last_hidden_state if self._said.hidden == "last" else said.hidden_states[-2]
        yield from (_array(state[self._said.drop : len(row)]) for state, row in zip(states, batch, strict=True))


def _batches(lengths: Sequence[int], batch_tokens: int) -> Iterator[list[int]]:
    """Indices of texts that are read together: shortest first, no more tokens than may be, padding included."""
    batch: list[int] = []
    for index in sorted(range(len(lengths)), key=lambda index: (lengths[index], index)):
        if batch and (len(batch) + 1) * lengths[index] > batch_tokens:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _loaded(folder: Path, said: TextModel) -> Any:
    """The part of a model that reads text, on its device; RecipeError where it cannot be had whole."""
    transformers.utils.logging.disable_progress_bar()
    local: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        config = transformers.AutoConfig.from_pretrained(folder, **local)
        of_text = config.model_type in modeling_auto.MODEL_FOR_TEXT_ENCODING_MAPPING_NAMES
        kind = transformers.AutoModelForTextEncoding if of_text else transformers.AutoModel
        model, found = kind.from_pretrained(
            folder, use_safetensors=True, output_loading_info=True, dtype=DTYPES[said.compute], **local
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise RecipeError(f"{KEY}: {folder} cannot be loaded: {str(error).splitlines()[0]}") from error
    lost = [*sorted(found["missing_keys"]), *(str(one) for one in found["mismatched_keys"])]
    if lost:
        raise RecipeError(f"{KEY}: {folder} lacks {len(lost)} tensors of a {type(model).__name__}, {lost[0]} first")
    part = next((getattr(model, name) for name in ("text_model", "language_model") if hasattr(model, name)), model)
    if part.config.is_encoder_decoder and not of_text:
        raise RecipeError(f"{KEY}: {folder} holds a {type(model).__name__}, of which transformers has no encoder alone")
    part.config.use_cache = False  # nothing is written after a text
    return part.to(device()).eval()


def _tokenizer(folder: Path) -> Any:
    try:
        return transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError) as error:
        said = str(error).splitlines()[0]
        raise RecipeError(f"{KEY}: {folder} has no tokenizer, put its files beside the weights: {said}") from error


def _pad_of(tokens: Any, config: Any) -> int:
    """What fills a batch: it is masked, so any token would do; and what an empty text is made of."""
    for found in (tokens.pad_token_id, config.pad_token_id, tokens.eos_token_id):
        if found is not None:
            return int(found)
    return 0


def _pooled(said: Any, model: TextModel) -> Any:
    """[B, D]"""
    pooled = getattr(said, "pooler_output", None)
    if pooled is None:
        raise RecipeError(f"{KEY}.hidden: {model.name} has no pooled vector of a text: last or penultimate")
    return pooled


def _array(values: Any) -> Values:
    return np.asarray(values.float().cpu().numpy(), np.float32)
