"""What both FastAPI services have in common: the labels, decoding, and the answer."""

import io

import numpy
from PIL import Image

LABELS = ["happy", "sad", "angry", "fearful"]


def to_pixels(body: bytes) -> numpy.ndarray:
    """An image file as the network takes it: float32 [1, 48, 48, 1], grey 0 to 255."""
    image = Image.open(io.BytesIO(body)).convert("L").resize((48, 48))
    return numpy.asarray(image, dtype=numpy.float32).reshape(1, 48, 48, 1)


def to_answer(probabilities: numpy.ndarray) -> dict:
    best = int(probabilities.argmax())
    return {
        "emotion": LABELS[best],
        "confidence": float(probabilities[best]),
        "probabilities": {label: float(value) for label, value in zip(LABELS, probabilities)},
    }
