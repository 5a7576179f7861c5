"""The tokenizer of the tiny models: byte-level BPE of a few sentences, with the special tokens that a family has."""

import json
from collections.abc import Mapping, Sequence

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import Qwen2Tokenizer

SENTENCES = [
    "system user assistant Describe the clip as JSON: caption, shot, camera, subjects, sound. true false null",
    "A wide shot of a street at night. Two people walk from left to right. A dog barks, music plays.",
    "0 1 2 3 4 5 6 7 8 9 seconds frames",
]
END, PAD, TURN = "<|im_end|>", "<|endoftext|>", "<|im_start|>"

# How Qwen's own templates lay out a conversation; KIND stands for what a part of that kind becomes.
TEMPLATE = """\
{%- for message in messages %}<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}
{%- else %}{% for part in message.content %}
{%- if 'image' in part.type %}IMAGE{% elif 'video' in part.type %}VIDEO{% elif 'audio' in part.type %}AUDIO
{%- elif 'text' in part %}{{ part.text }}{% endif %}{% endfor %}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""


def tokenizer(special: Sequence[str], blocks: Mapping[str, str], **named: Mapping[str, str]) -> Qwen2Tokenizer:
    """A tokenizer with these tokens beside END, PAD and TURN; `blocks`: what IMAGE, VIDEO, AUDIO are in a prompt."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        SENTENCES, trainers.BpeTrainer(vocab_size=400, initial_alphabet=alphabet, show_progress=False)
    )
    learned = json.loads(bpe.to_str())["model"]
    made = Qwen2Tokenizer(
        vocab=learned["vocab"], merges=[tuple(merge) for merge in learned["merges"]], eos_token=END, pad_token=PAD,
        additional_special_tokens=[TURN, *special], **named,
    )  # fmt: skip
    made.chat_template = TEMPLATE
    for kind in ("IMAGE", "VIDEO", "AUDIO"):
        made.chat_template = made.chat_template.replace(kind, blocks.get(kind, ""))
    return made


def size(made: Qwen2Tokenizer) -> int:
    """Rows of the embedding: a multiple of 64, as engines like them."""
    return -(-len(made) // 64) * 64
