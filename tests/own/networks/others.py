"""More styles: get and set, stacks of columns, a fit that starts afresh, dropout, globals."""

from __future__ import annotations

import numpy as np


class GetSet:
    """One vector of parameters, handed out and taken as copies; a mean of plain squares."""

    def __init__(self, d=4, h=6, k=3):
        self._shapes = [(d, h), (h,), (h, k), (k,)]
        self._theta = [np.random.randn(*shape) * 0.5 for shape in self._shapes]

    def get_params(self):
        return np.concatenate([a.ravel() for a in self._theta])

    def set_params(self, theta):
        cuts = np.cumsum([int(np.prod(s)) for s in self._shapes])[:-1]
        parts = zip(np.split(theta, cuts), self._shapes, strict=True)
        self._theta = [part.reshape(shape) for part, shape in parts]

    def predict(self, X):
        W, b, V, c = self._theta
        return np.tanh(X @ W + b) @ V + c

    def mse(self, X, y):
        return np.mean((self.predict(X) - y) ** 2)

    def gradient(self, X, y):
        W, b, V, _ = self._theta
        h = np.tanh(X @ W + b)
        dz = 2 * (self.predict(X) - y) / y.size
        dh = dz @ V.T * (1 - h * h)
        parts = [X.T @ dh, dh.sum(axis=0), h.T @ dz, dz.sum(axis=0)]
        return np.concatenate([g.ravel() for g in parts])


class Stacked:
    """Samples as a stack of columns (N, D, 1), weights in attributes."""

    def __init__(self, d=5, h=7, k=3):
        self.w1, self.b1 = np.random.randn(h, d) * 0.5, np.random.randn(h, 1) * 0.1
        self.w2, self.b2 = np.random.randn(k, h) * 0.5, np.random.randn(k, 1) * 0.1

    def forward(self, x):
        self.h = np.tanh(self.w1 @ x + self.b1)
        return self.w2 @ self.h + self.b2

    def loss(self, x, t):
        return 0.5 * np.sum((self.forward(x) - t) ** 2) / len(x)

    def step(self, x, t, lr):
        d2 = (self.forward(x) - t) / len(x)
        d1 = self.w2.T @ d2 * (1 - self.h**2)
        self.w2 = self.w2 - lr * (d2 @ self.h.transpose(0, 2, 1)).sum(axis=0)
        self.b2 = self.b2 - lr * d2.sum(axis=0)
        self.w1 = self.w1 - lr * (d1 @ x.transpose(0, 2, 1)).sum(axis=0)
        self.b1 = self.b1 - lr * d1.sum(axis=0)


class FitOnly:
    """All there is is `fit`, which draws new weights first; it trains softmax regression."""

    def __init__(self, d=5, k=4):
        self.d, self.k = d, k
        self.draw()

    def draw(self):
        self.W = np.random.randn(self.d, self.k).astype(np.float32)
        self.b = np.zeros(self.k, np.float32)

    def predict_proba(self, X):
        z = X @ self.W + self.b
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)

    def fit(self, X, y, lr=0.1, epochs=100, batch_size=32):
        self.draw()
        for _ in range(epochs):
            order = np.random.permutation(len(X))
            for i in range(0, len(X), batch_size):
                rows = order[i : i + batch_size]
                dz = self.predict_proba(X[rows])
                dz[range(len(rows)), y[rows]] -= 1
                self.W -= lr * X[rows].T @ dz / len(rows)
                self.b -= lr * dz.mean(axis=0)


class Dropout(Stacked):
    """In rows, with a mask that is drawn at each forward pass."""

    def __init__(self, d=5, h=9, k=3):
        self.w1, self.b1 = np.random.randn(d, h) * 0.5, np.random.randn(h) * 0.1
        self.w2, self.b2 = np.random.randn(h, k) * 0.5, np.random.randn(k) * 0.1

    def forward(self, x, train=True):
        self.mask = (np.random.rand(self.w1.shape[1]) < 0.8) / 0.8 if train else 1
        self.h = np.tanh(x @ self.w1 + self.b1)
        return (self.h * self.mask) @ self.w2 + self.b2

    def gradients(self, x, t):
        d2 = (self.forward(x) - t) / len(x)
        d1 = d2 @ self.w2.T * self.mask * (1 - self.h**2)
        return {
            "dw1": x.T @ d1,
            "db1": d1.sum(axis=0),
            "dw2": (self.h * self.mask).T @ d2,
            "db2": d2.sum(axis=0),
        }
