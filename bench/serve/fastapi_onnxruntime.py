"""What a team would write around the network with FastAPI and onnxruntime: one thread for each run, runs side by side in the thread pool."""

import os

import onnxruntime
from face import to_answer, to_pixels
from fastapi import FastAPI, Request
from starlette.concurrency import run_in_threadpool

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession(os.environ["NETWORK_ONNX"], options, providers=["CPUExecutionProvider"])
app = FastAPI()


def classify(body: bytes) -> dict:
    [probabilities] = session.run(["probabilities"], {"pixels": to_pixels(body)})[0]
    return to_answer(probabilities)


@app.get("/readyz")
async def readyz() -> dict:
    return {}


@app.post("/predict")
async def predict(request: Request) -> dict:
    return await run_in_threadpool(classify, await request.body())
