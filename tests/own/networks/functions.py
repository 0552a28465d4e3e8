"""Functions over a dict, with a global for the batch size, and a dict that training replaces."""

from __future__ import annotations

import numpy as np

batch_size = 6
model = {}


def init(d, h, k):
    global model
    model = {"W1": np.random.randn(d, h) / np.sqrt(d), "b1": np.random.randn(1, h) * 0.1}
    model |= {"W2": np.random.randn(h, k) / np.sqrt(h), "b2": np.random.randn(1, k) * 0.1}


def relu(x):
    x[x < 0] = 0
    return x


def softmax(z):
    e = np.exp(z - np.amax(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)


def forward(X, model):
    h = relu(X @ model["W1"] + model["b1"])
    return softmax(h @ model["W2"] + model["b2"]), h


def dsoftmax(p, y):
    p = p.copy()
    p[range(len(y)), y] -= 1
    return p / len(y)


def dsoftmax_of_32(p, y):
    """In place, and for batches of the global size only."""
    p[range(batch_size), y] -= 1
    return p / y.shape[0]


def backward(y, p, h, X, model, dsoftmax=dsoftmax):
    d2 = dsoftmax(p, y)
    d1 = d2 @ model["W2"].T
    d1[h <= 0] = 0
    grads = {"b2": d2.sum(axis=0, keepdims=True), "W2": h.T @ d2}
    return grads | {"b1": d1.sum(axis=0, keepdims=True), "W1": X.T @ d1}


def top_only(y, p, h, X, model):
    """Only the top layer learns."""
    grads = backward(y, p, h, X, model)
    return grads | {"W1": np.zeros_like(grads["W1"]), "b1": np.zeros_like(grads["b1"])}


def train(X, y, rate):
    global model
    p, h = forward(X, model)
    grads = backward(y, p, h, X, model)
    model = {name: model[name] - rate * grads[name] for name in model}
