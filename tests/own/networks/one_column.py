"""One hidden layer, one sample at a time as a column, new arrays at each step."""

from __future__ import annotations

import numpy as np

target = np.array([[1.0], [0.0], [0.0]])  # left over from trying things out


class OneHidden:
    def __init__(self, n_in, n_hidden, n_out):
        self.W = np.random.randn(n_hidden, n_in)
        self.V = np.random.randn(n_out, n_hidden)
        self.__b = np.random.randn(n_hidden, 1)
        self.__c = np.random.randn(n_out, 1)

    def forward(self, x):
        assert x.shape == (self.W.shape[1], 1)
        h = 0.5 * (1 + np.tanh(0.5 * (self.W @ x + self.__b)))
        z = self.V @ h + self.__c
        e = np.exp(z - z.max())
        return [x, h, e / np.sum(e)]

    def loss(self, y, t):
        return -np.log(np.sum(t * y))

    def error(self, y, t):
        return y - t

    def backprop(self, trace, t, rate):
        x, h, y = trace
        dz = self.error(y, t)
        dh = (self.V.T @ dz) * h * (1 - h)
        self.W = self.W - rate * dh @ x.T
        self.__b = self.__b - rate * dh
        self.V = self.V - rate * dz @ h.T
        self.__c = self.__c - rate * dz


class ReadsGlobal(OneHidden):
    def error(self, y, t):
        return y - target
