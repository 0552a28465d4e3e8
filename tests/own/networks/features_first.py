"""Samples in columns, binary cross-entropy, an optimiser that the layers share."""

from __future__ import annotations

import numpy as np


class SGD:
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, g):
        return -self.rate * g


class Hidden:
    def __init__(self, n_in, n_out, optimiser):
        self.weight = np.random.randn(n_out, n_in) * 0.5
        self.bias = np.random.randn(n_out, 1) * 0.1
        self.optimiser = optimiser

    def forward(self, A):
        self.A = A
        return self.weight @ A + self.bias

    def backward(self, G):
        self.weight_grad = G @ self.A.T
        self.bias_grad = G.sum(axis=1).reshape(-1, 1)
        return self.weight.T @ G

    def update(self):
        self.weight += self.optimiser(self.weight_grad)
        self.bias += self.optimiser(self.bias_grad)


class ReLU:
    def forward(self, Z):
        self.on = Z > 0
        return Z * self.on

    def backward(self, G):
        return G * self.on

    def update(self):
        pass


class InPlaceReLU(ReLU):
    """Masks by the gradient from above, and keeps the activation as the slope."""

    def forward(self, Z):
        self.result = Z
        self.result[Z < 0] = 0
        return self.result

    def backward(self, G):
        slope = self.result
        slope[G > 0] = 1
        return slope * G


class Sigmoid(ReLU):
    def forward(self, Z):
        self.out = 0.5 * (1 + np.tanh(0.5 * Z))
        return self.out

    def backward(self, G):
        return G * self.out * (1 - self.out)


class MLP:
    def __init__(self, layers):
        self.layers = layers

    def forward(self, X):
        for layer in self.layers:
            X = layer.forward(X)
        return X

    def backward(self, G):
        for layer in self.layers[::-1]:
            G = layer.backward(G)
        return G

    def update(self):
        for layer in self.layers:
            layer.update()


def build(sizes, optimiser, relu=ReLU):
    d, h, k = sizes
    return MLP([Hidden(d, h, optimiser), relu(), Hidden(h, k, optimiser), Sigmoid()])


def cost(T, Y):
    """T and Y of shape (N, K): the cost and its gradient."""
    m = len(T)
    J = -np.sum(T * np.log(Y) + (1 - T) * np.log(1 - Y)) / m
    return J, -(T / Y - (1 - T) / (1 - Y)) / m


def wrong_cost(T, Y):
    m = len(T)
    return cost(T, Y)[0], -(T / Y + (1 - T) / (1 - Y)) / m
