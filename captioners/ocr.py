"""Lines of text in one picture by RapidOCR, whose models (PP-OCRv6 small) lie in its wheel: nothing is downloaded."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Line:
    """One line of text; the box is in shares of the picture, 0..1."""

    text: str
    score: float  # 0..1
    x: float
    y: float
    width: float
    height: float


Reader = Callable[[NDArray[np.uint8]], list[Line]]


def engine() -> str:
    """The name and version that stand in the rows."""
    return "rapidocr " + ".".join(version("rapidocr").split(".")[:2])


def reader(detector_side_px: int) -> Reader:
    """Load the models; the reader takes [H, W, 3] RGB 0..255. Smaller pictures are enlarged to `detector_side_px`."""
    from rapidocr import RapidOCR  # noqa: PLC0415  onnxruntime and more, only where text is read

    ocr = RapidOCR(
        params={
            "Global.use_cls": False,
            "Global.log_level": "critical",
            "Global.text_score": 0.0,
            "Det.limit_side_len": detector_side_px,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
    ocr(np.zeros((64, 64, 3), np.uint8))  # the detector is loaded on first use

    def read(picture: NDArray[np.uint8]) -> list[Line]:
        height, width = picture.shape[:2]
        found = ocr(np.ascontiguousarray(picture[..., ::-1]))
        if found.txts is None or found.boxes is None or found.scores is None:
            return []
        return [
            _line(text, float(score), np.asarray(box, np.float64) / (width, height))
            for text, score, box in zip(found.txts, found.scores, found.boxes, strict=True)
            if text.strip()
        ]

    return read


def _line(text: str, score: float, corners: NDArray[np.float64]) -> Line:
    """corners: [4, 2] x, y in shares of the picture."""
    (left, top), (right, bottom) = (np.clip(edge, 0, 1).tolist() for edge in (corners.min(axis=0), corners.max(axis=0)))
    return Line(text.strip(), min(1.0, max(0.0, score)), left, top, right - left, bottom - top)
