"""Tiny speech models with random weights, saved as real ones are; run in .venv-speech.

    python -m tests.models.speech FOLDER

`whisper` is a CTranslate2 model, `aligner` wav2vec 2.0 with CTC for English letters, `diariser` a pyannote pipeline.
What they answer is known: Whisper writes `SAID`, in English, of any sound, and one speaker says all of it.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
import transformers
import yaml
from ctranslate2.converters import TransformersConverter
from pyannote.audio import Model
from pyannote.audio.core.task import Problem, Resolution, Specifications
from pyannote.audio.models.embedding import XVectorSincNet
from pyannote.audio.models.segmentation import PyanNet
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    Wav2Vec2Config,
    Wav2Vec2CTCTokenizer,
    Wav2Vec2FeatureExtractor,
    Wav2Vec2ForCTC,
    Wav2Vec2Processor,
    WhisperConfig,
    WhisperFeatureExtractor,
    WhisperForConditionalGeneration,
)

SAID = " Good morning, everybody. [door slams] Thank you for 3 apples."
LANGUAGES = ("en", "de", "zh")
LETTERS = ("<pad>", "<s>", "</s>", "<unk>", "|", *"abcdefghijklmnopqrstuvwxyz'")


def whisper(folder: Path) -> None:
    """One step of text for each byte; Whisper's own special tokens after them."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    marks = ["<|endoftext|>", "<|startoftranscript|>", *(f"<|{one}|>" for one in LANGUAGES)]
    marks += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]
    marks += [f"<|{step * 0.02:.2f}|>" for step in range(1501)]
    vocabulary = {letter: index for index, letter in enumerate(letters)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(mark, normalized=False, special=True) for mark in marks])
    filler = len(letters) + len(marks)  # CTranslate2 knows a multilingual model by an empty token
    tokenizer.add_tokens([AddedToken("<filler>", normalized=False)])
    known = vocabulary_of(tokenizer)
    end = known["<|endoftext|>"]
    config = WhisperConfig(
        vocab_size=filler + 1, num_mel_bins=80, d_model=64, encoder_layers=2, decoder_layers=2,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=64, decoder_ffn_dim=64,
        decoder_start_token_id=known["<|startoftranscript|>"], bos_token_id=end, eos_token_id=end,
        pad_token_id=filler, suppress_tokens=None, begin_suppress_tokens=None,
    )  # fmt: skip
    model = WhisperForConditionalGeneration(config)
    text = tokenizer.encode(SAID, add_special_tokens=False).ids
    with torch.no_grad():  # what follows at each place is decided by its position: language, three marks, the text
        written = torch.tensor([known["<|en|>"], end, end, *text, *[end] * (448 - 3 - len(text))])
        model.model.decoder.embed_positions.weight[:] = 100 * model.model.decoder.embed_tokens.weight[written]
    source = folder.with_name("whisper-hf")
    model.save_pretrained(source)
    WhisperFeatureExtractor(feature_size=80).save_pretrained(source)
    ends = {name: "<|endoftext|>" for name in ("bos_token", "eos_token", "unk_token")}
    transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizer, **ends).save_pretrained(source)
    TransformersConverter(str(source), copy_files=["tokenizer.json", "preprocessor_config.json"]).convert(
        str(folder), quantization="int8"
    )
    tokens = json.loads((folder / "vocabulary.json").read_text())
    tokens[tokens.index("<filler>")] = ""
    (folder / "vocabulary.json").write_text(json.dumps(tokens))
    settings = json.loads((folder / "config.json").read_text())
    settings["lang_ids"] = [known[f"<|{one}|>"] for one in LANGUAGES]
    (folder / "config.json").write_text(json.dumps(settings))


def vocabulary_of(tokenizer: Tokenizer) -> dict[str, int]:
    return dict(tokenizer.get_vocab(with_added_tokens=True))


def aligner(folder: Path) -> None:
    folder.mkdir()
    words = folder / "vocab.json"
    words.write_text(json.dumps({letter: index for index, letter in enumerate(LETTERS)}))
    tokenizer = Wav2Vec2CTCTokenizer(str(words), pad_token="<pad>", word_delimiter_token="|")  # noqa: S106
    extractor = Wav2Vec2FeatureExtractor(
        feature_size=1, sampling_rate=16000, padding_value=0.0, do_normalize=True, return_attention_mask=False
    )
    Wav2Vec2Processor(feature_extractor=extractor, tokenizer=tokenizer).save_pretrained(folder)
    config = Wav2Vec2Config(
        vocab_size=len(LETTERS), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32,
        conv_dim=(32,) * 7, num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2, pad_token_id=0,
    )  # fmt: skip
    Wav2Vec2ForCTC(config).save_pretrained(folder)


def diariser(folder: Path) -> None:
    """Segmentation that hears one speaker all the time, embeddings and PLDA of 16 dimensions."""
    heard = PyanNet(lstm={"hidden_size": 8, "num_layers": 1}, linear={"hidden_size": 8, "num_layers": 1})
    heard.specifications = Specifications(
        Problem.MONO_LABEL_CLASSIFICATION, Resolution.FRAME, duration=5.0, classes=["a", "b", "c"],
        powerset_max_classes=2, permutation_invariant=True,
    )  # fmt: skip
    heard.setup()
    with torch.no_grad():
        heard.classifier.bias[1] += 10.0  # of {}, {a}, {b}, {c}, {a, b}, ...
    known = XVectorSincNet(dimension=16)
    known.specifications = Specifications(
        Problem.REPRESENTATION, Resolution.CHUNK, duration=5.0, classes=["a", "b"]
    )  # fmt: skip
    known.setup()
    for name, model in (("segmentation", heard), ("embedding", known)):
        saved(model, folder / name)
    (folder / "plda").mkdir()
    rng = np.random.default_rng(0)
    turn = np.linalg.qr(rng.standard_normal((16, 16)))[0]
    np.savez(folder / "plda" / "xvec_transform.npz", mean1=np.zeros(16), mean2=np.zeros(16), lda=turn)
    np.savez(folder / "plda" / "plda.npz", mu=np.zeros(16), tr=np.eye(16), psi=np.linspace(2.0, 0.5, 16))
    models = {name: f"$model/{name}" for name in ("segmentation", "embedding", "plda")}
    settings = {
        "pipeline": {
            "name": "pyannote.audio.pipelines.SpeakerDiarization",
            "params": {**models, "clustering": "VBxClustering", "embedding_exclude_overlap": True},
        },
        "params": {
            "segmentation": {"min_duration_off": 0.0},
            "clustering": {"threshold": 0.6, "Fa": 0.07, "Fb": 0.8},
        },
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))


def saved(model: Model, folder: Path) -> None:
    """As Lightning saves it."""
    folder.mkdir(parents=True)
    checkpoint = {
        "pytorch-lightning_version": "2.6.0", "state_dict": model.state_dict(), "hyper_parameters": dict(model.hparams),
    }  # fmt: skip
    model.on_save_checkpoint(checkpoint)
    torch.save(checkpoint, folder / "pytorch_model.bin")


def main() -> None:
    root = Path(sys.argv[1])
    root.mkdir(parents=True, exist_ok=True)
    transformers.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    np.random.seed(0)
    whisper(root / "whisper")
    aligner(root / "aligner")
    diariser(root / "diariser")


if __name__ == "__main__":
    main()
