"""Layers that know the one before them, a cost in the last, and gradients kept in the layers."""

from __future__ import annotations

import numpy as np


class Tanh:
    def fprop(self, z):
        self.z = z
        return np.tanh(z)

    def bprop(self, g):
        return g * (1 - np.tanh(self.z) ** 2)


SHARED = Tanh()


class Input:
    def __init__(self, size):
        self.size = size

    def fprop(self, X):
        return X

    def bprop(self, g):
        return g


class Dense:
    def __init__(self, below, size, act):
        self.size, self.act = size, act
        self.W, self.b = np.random.normal(0, 0.5, (below.size, size)), np.zeros((1, size))
        self.dW = self.db = None

    def fprop(self, X):
        self.X = X
        z = X @ self.W + self.b
        return self.act.fprop(z) if self.act else z

    def bprop(self, g):
        g = self.act.bprop(g) if self.act else g
        n = len(g)
        self.dW, self.db = self.X.T @ g / n, g.sum(axis=0, keepdims=True) / n
        return g @ self.W.T

    def params(self):
        return self.W, self.b

    def grads(self):
        return self.dW, self.db


class SoftmaxCost:
    eps = 0.0

    def fprop(self, z):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def loss(self, T, P):
        return np.mean(np.sum(-np.log(P + self.eps) * T, axis=1))

    def input_grad(self, T, P):
        return P - T


class Net:
    def __init__(self, layers):
        self.layers = layers

    def predict(self, X):
        for layer in self.layers:
            X = layer.fprop(X)
        return X

    def backpropagate(self, T, P):
        g = self.layers[-1].input_grad(T, P)
        for layer in self.layers[-2::-1]:
            g = layer.bprop(g)
        return g


def build(sizes, act=Tanh):
    layers = [Input(sizes[0])]
    for size in sizes[1:-1]:
        layers.append(Dense(layers[-1], size, act()))
    layers.append(Dense(layers[-1], sizes[-1], None))
    return Net([*layers, SoftmaxCost()])
