"""A network in the commonest style: weights in attributes, forward, backward, a loss."""

from __future__ import annotations

import numpy as np


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


class NeuralNetwork:
    def __init__(self, n_input, n_hidden, n_output):
        self.W1 = np.random.randn(n_input, n_hidden)
        self.b1 = np.zeros((1, n_hidden))
        self.W2 = np.random.randn(n_hidden, n_output)
        self.b2 = np.zeros((1, n_output))

    def forward(self, X):
        self.h = sigmoid(X @ self.W1 + self.b1)
        return self.h @ self.W2 + self.b2

    def compute_loss(self, y, y_hat):
        return np.sum((y_hat - y) ** 2) / (2 * len(y))

    def train_step(self, X, y, learning_rate=0.1):
        dz2 = (self.forward(X) - y) / len(X)
        dW2, db2 = self.h.T @ dz2, dz2.sum(axis=0, keepdims=True)
        dz1 = dz2 @ self.W2.T * self.h * (1 - self.h)
        self.W2 -= learning_rate * dW2
        self.b2 -= learning_rate * db2
        self.W1 -= learning_rate * X.T @ dz1
        self.b1 -= learning_rate * dz1.sum(axis=0, keepdims=True)
