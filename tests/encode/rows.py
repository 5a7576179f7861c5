"""Latent rows of made-up tensors."""

import hashlib

import numpy as np

from curate.stage import Heavy
from schemas.latent import Latent


def heavy(clip: str, bucket: str, tensor: np.ndarray, modality: str = "video") -> Heavy[Latent]:
    body = tensor.astype("<f2").tobytes()
    key = hashlib.sha256(f"{clip}/{modality}".encode()).hexdigest()
    row = Latent(
        clip_id=clip, encoder="dct-4x8x8-c16", content_key=key, contract="{}", modality=modality, bucket=bucket,
        shape=tensor.shape, dtype="float16", start_us=0, end_us=1_000_000, step_us=(0,), psnr_db=30.0,
        sha256=hashlib.sha256(body).hexdigest(),
    )  # fmt: skip
    return Heavy(row, body)
