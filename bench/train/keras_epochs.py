"""Trains a network in Keras, an epoch for each line on standard input, and says of each how it went as a line of JSON.

Arguments: a JSON file with the network and its training, and the images, one after the other: 48*48 bytes and one for the label.
"""

import json
import os
import resource
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"

import keras
import numpy as np
from keras import layers, ops

spec = json.load(open(sys.argv[1]))
side, size = spec["side"], spec["batchSize"]
averaging = np.array(spec["averaging"], np.float32).reshape(side, side)
keras.utils.set_random_seed(spec["seed"])


def read(path):
    rows = np.fromfile(path, np.uint8).reshape(-1, side * side + 1)
    return rows[:, :-1].reshape(-1, side, side, 1).astype(np.float32), np.eye(spec["labels"], dtype=np.float32)[rows[:, -1]]


def around(x):
    return ops.matmul(ops.matmul(averaging, x), averaging.T)


def normalise(pixels):
    x = ops.squeeze(pixels, -1)
    x = (x - ops.mean(x, (1, 2), keepdims=True)) * ops.rsqrt(ops.var(x, (1, 2), keepdims=True) + spec["standardisationEpsilon"])
    detail = x - around(x)
    return ops.expand_dims(detail * ops.rsqrt(ops.square(around(ops.abs(detail))) + spec["contrastFloor"] ** 2), -1)


images = keras.Input((side, side, 1))
x = layers.Lambda(normalise)(images)
for layer in spec["layers"]:
    x = layers.Conv2D(layer["filters"], layer["kernelSide"], padding="same", use_bias=False)(x)
    if layer["isPooled"]:
        x = layers.MaxPooling2D()(x)
    x = layers.ReLU()(layers.BatchNormalization(epsilon=spec["normalisationEpsilon"], momentum=0.9)(x))
x = layers.Dropout(spec["dropout"])(layers.GlobalAveragePooling2D()(x))
model = keras.Model(images, layers.Dense(spec["labels"])(x))

train, validation = read(sys.argv[2]), read(sys.argv[3])
steps = -(-len(train[0]) // size) * spec["epochs"]
schedule = keras.optimizers.schedules.CosineDecay(0.0, steps * 0.9, warmup_target=spec["learningRate"], warmup_steps=steps // 10)
model.compile(
    keras.optimizers.AdamW(schedule, weight_decay=0.05),
    keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=spec["labelSmoothing"]),
    metrics=["accuracy"],
)


def processor_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


for _ in sys.stdin:
    started, processor = time.perf_counter(), processor_seconds()
    model.fit(*train, batch_size=size, verbose=0)
    seconds, processor = time.perf_counter() - started, processor_seconds() - processor
    accuracy = model.evaluate(*validation, batch_size=size, verbose=0)[1]
    print(json.dumps({"seconds": seconds, "processorSeconds": processor, "validationAccuracy": accuracy}), flush=True)
