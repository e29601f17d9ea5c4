"""Asks a server as users of Triton's client do, its defaults kept, and prints what it says as JSON: URL, image file."""

import json
import sys

import numpy
import tritonclient.http as http
from tritonclient.utils import InferenceServerException

url, image = sys.argv[1:]
client = http.InferenceServerClient(url)


def infer(model, name, array, datatype, binary=True):
    tensor = http.InferInput(name, list(array.shape), datatype)
    tensor.set_data_from_numpy(array, binary_data=binary)
    return client.infer(model, [tensor])


faces = numpy.zeros((2, 48, 48, 1), numpy.uint8)
scene = infer("emotions-scene", "image", numpy.array([open(image, "rb").read()], dtype=object), "BYTES")
try:
    infer("emotions-cnn", "pixels", faces[:, :40], "UINT8")
    refusal = None
except InferenceServerException as error:
    refusal = error.message()

print(json.dumps({
    "live": client.is_server_live(),
    "ready": client.is_server_ready(),
    "modelReady": client.is_model_ready("emotions-cnn", "1"),
    "otherReady": client.is_model_ready("emotions-cnn", "2"),
    "inputs": client.get_model_metadata("emotions-cnn")["inputs"],
    "binary": infer("emotions-cnn", "pixels", faces, "UINT8").as_numpy("probabilities").astype(float).round(2).tolist(),
    "json": infer("emotions-cnn", "pixels", faces, "UINT8", binary=False).as_numpy("probabilities").astype(float).round(2).tolist(),
    "scene": json.loads(scene.as_numpy("prediction")[0]),
    "refusal": refusal,
}))
