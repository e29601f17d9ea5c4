"""The same with Keras, as its guides show it: the same network with the same weights, asked by `model.predict`."""

import base64
import json
import os
from threading import Lock

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy
from face import to_answer, to_pixels
from fastapi import FastAPI, Request
from keras import layers, ops
from starlette.concurrency import run_in_threadpool

with open(os.environ["NETWORK_JSON"]) as file:
    network = json.load(file)


def numbers(name: str) -> numpy.ndarray:
    return numpy.frombuffer(base64.b64decode(network["numbers"][name]), dtype=numpy.float32)


def matrix(name: str) -> numpy.ndarray:
    return numbers(name).reshape(48, 48)


class Looks(layers.Layer):
    """Pixels [N, 48, 48, 1] with mean 0, variance 1 and even local contrast, as the views of each: [views * N, 48, 48, 1]."""

    def call(self, pixels):
        images = ops.squeeze(pixels, -1)
        centred = images - ops.mean(images, axis=(1, 2), keepdims=True)
        images = centred / ops.sqrt(ops.mean(ops.square(centred), axis=(1, 2), keepdims=True) + network["standardisationEpsilon"])
        detail = images - self.average(images)
        images = detail / ops.sqrt(ops.square(self.average(ops.abs(detail))) + network["contrastFloor"] ** 2)
        looks = [ops.flip(images, axis=2) if view == "mirrored" else images for view in network["views"]]
        return ops.expand_dims(ops.concatenate(looks), -1)

    def average(self, images):
        return ops.matmul(ops.matmul(matrix("averaging"), images), matrix("averaging").T)


class MeanOfLooks(layers.Layer):
    """[views * N, votes] as [N, votes]."""

    def call(self, votes):
        return ops.mean(ops.reshape(votes, (len(network["views"]), -1, votes.shape[-1])), axis=0)


def build() -> keras.Model:
    pixels = layers.Input((48, 48, 1))
    flow = Looks()(pixels)
    for layer in network["layers"]:
        flow = layers.Conv2D(layer["filters"], layer["kernelSide"], padding="same", use_bias=False, name=layer["name"])(flow)
        if layer["isPooled"]:
            flow = layers.MaxPooling2D()(flow)
        flow = layers.BatchNormalization(epsilon=network["normalisationEpsilon"], name=f"{layer['name']}-normalise")(flow)
        flow = layers.ReLU()(flow)
    flow = MeanOfLooks()(layers.GlobalAveragePooling2D()(flow))
    output = network["output"]
    model = keras.Model(pixels, layers.Dense(len(numbers(f"{output}/bias")), activation="softmax", name=output)(flow))
    for name in [layer["name"] for layer in network["layers"]]:
        fill(model.get_layer(name), [f"{name}/kernel"])
        fill(model.get_layer(f"{name}-normalise"), [f"{name}/{part}" for part in ("scale", "offset", "mean", "variance")])
    fill(model.get_layer(output), [f"{output}/kernel", f"{output}/bias"])
    return model


def fill(layer, names: list) -> None:
    layer.set_weights([numbers(name).reshape(weight.shape) for name, weight in zip(names, layer.weights, strict=True)])


model = build()
# One prediction at a time: side by side they only get in each other's way.
turn = Lock()
app = FastAPI()


def classify(body: bytes) -> dict:
    with turn:
        [probabilities] = model.predict(to_pixels(body), verbose=0)
    return to_answer(probabilities)


# The first one compiles.
model.predict(numpy.zeros((1, 48, 48, 1), dtype=numpy.float32), verbose=0)


@app.get("/readyz")
async def readyz() -> dict:
    return {}


@app.post("/predict")
async def predict(request: Request) -> dict:
    return await run_in_threadpool(classify, await request.body())
