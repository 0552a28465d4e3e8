"""Layer objects whose step applies the gradients; the cost is a mean, the gradient a sum."""

from __future__ import annotations

import numpy as np


class Affine:
    def __init__(self, n_in, n_out):
        self.theta = [np.random.randn(n_in, n_out) / np.sqrt(n_in), np.random.randn(n_out) * 0.1]

    def fprop(self, a):
        W, b = self.theta
        return a.dot(W) + b

    def bprop(self, a, g):
        return g.dot(self.theta[0].T)

    def learn(self, a, g, eta):
        for t, u in zip(self.theta, (a.T.dot(g), g.sum(axis=0)), strict=True):
            t -= eta * u


class Logistic:
    theta = []

    def fprop(self, a):
        self.out = 0.5 * (1 + np.tanh(0.5 * a))
        return self.out

    def bprop(self, a, g):
        return g * self.out * (1 - self.out)

    def learn(self, a, g, eta):
        pass


class Softmax(Logistic):
    def fprop(self, a):
        e = np.exp(a - a.max(axis=1, keepdims=True))
        self.out = e / e.sum(axis=1, keepdims=True)
        return self.out

    def bprop(self, a, g):
        s = self.out * g
        return s - self.out * s.sum(axis=1, keepdims=True)


class MLP:
    def __init__(self, layers):
        self.layers = layers

    def predict(self, X):
        self.trace = []
        for layer in self.layers:
            self.trace.append(X)
            X = layer.fprop(X)
        return X

    def learn(self, g, eta):
        for layer, a in zip(self.layers[::-1], self.trace[::-1], strict=True):
            down = layer.bprop(a, g)
            layer.learn(a, g, eta)
            g = down


class TooEarly(MLP):
    """Each layer has moved before the gradient goes through it."""

    def learn(self, g, eta):
        for layer, a in zip(self.layers[::-1], self.trace[::-1], strict=True):
            layer.learn(a, g, eta)
            g = layer.bprop(a, g)


def cost(p, t):
    return -np.log(p[np.arange(len(t)), t]).mean()


def cost_gradient(p, t):
    g = np.zeros_like(p)
    g[np.arange(len(t)), t] = -1 / p[np.arange(len(t)), t]
    return g


def mean_gradient(p, t):
    return cost_gradient(p, t) / len(t)
