"""Checkpoints: what is written comes back, and what isn't ours is refused."""

import io
import json
import subprocess
import sys
import time

import numpy as np
import pytest

from reference_mlp import SGD, Adam, Epoch, Evaluation, Momentum, Nesterov, mlp
from reference_mlp.checkpoint import load_checkpoint, save_checkpoint

IDENTITY = {"recipe": "one", "seed": 0, "widths": (3, 4, 2)}
HISTORY = [Epoch(1, 0.1 + 0.2, 1.5, Evaluation(1 / 3, 0.9)), Epoch(2, 0.25, 1.25)]
OPTIMISERS = [SGD, Momentum, Nesterov, Adam]


class Training:
    def __init__(self, make=Adam, seed=0, dtype=np.float32, widths=(3, 4, 2)):
        self.rng = np.random.default_rng(seed)
        self.network = mlp(widths, rng=self.rng, dtype=dtype)
        self.optimiser = make(0.1)
        self.state = {
            "params": self.network.params,
            "optimiser": self.optimiser,
            "rng": self.rng,
            "identity": IDENTITY,
        }

    def step(self, n=1):
        for _ in range(n):
            X = self.rng.normal(size=(5, 3)).astype(self.network.dtype)
            y = self.rng.integers(2, size=5)
            self.optimiser.step(self.network.params, self.network.gradients(X, y))

    def save(self, path):
        save_checkpoint(path, history=HISTORY, **self.state)

    def load(self, path, **others):
        return load_checkpoint(path, **{**self.state, **others})


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "checkpoint.npz"
    training = Training()
    training.step(3)
    training.save(path)
    return path


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("make", OPTIMISERS)
@pytest.mark.parametrize("n_before", [0, 3])
def test_goes_on_bit_for_bit(tmp_path, make, dtype, n_before):
    whole, other = Training(make, dtype=dtype), Training(make, seed=1, dtype=dtype)
    whole.step(n_before)
    whole.save(tmp_path / "c.npz")
    whole.step(3)
    other.step(2)  # so that everything is different but for what is restored
    arrays = other.network.params["0.W"]
    assert other.load(tmp_path / "c.npz") == HISTORY
    assert other.network.params["0.W"] is arrays
    other.step(3)
    for name, p in whole.network.params.items():
        np.testing.assert_array_equal(other.network.params[name], p)
        assert other.network.params[name].dtype == dtype
    assert other.rng.integers(2**62) == whole.rng.integers(2**62)


def test_the_file_holds_no_pickles_and_is_alone(path):
    with np.load(path, allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "fu" for name in file.files)
        assert json.loads(file["record"].tobytes())["identity"]["recipe"] == "one"
    assert list(path.parent.iterdir()) == [path]


def unchanged(training):
    """A function that says whether a training is as it is now."""
    params = {name: p.copy() for name, p in training.network.params.items()}
    rng, remembered = training.rng.bit_generator.state, dict(vars(training.optimiser))

    def check():
        same = all((p == params[name]).all() for name, p in training.network.params.items())
        same &= vars(training.optimiser) == remembered
        return same and training.rng.bit_generator.state == rng

    return check


OTHERS = {
    "recipe": ({"identity": {**IDENTITY, "recipe": "two"}}, "of recipe 'one', expected 'two'"),
    "more identity": ({"identity": {**IDENTITY, "data": 1}}, "of data None, expected 1"),
    "less identity": ({"identity": {"seed": 0}}, "of recipe 'one', expected None"),
    "optimiser": ({"optimiser": SGD(0.1)}, "is of Adam, expected SGD"),
    "rate": ({"optimiser": Adam(0.2)}, "'learning_rate': 0.1.*, expected .*0.2"),
    "dtype": (
        {"params": Training(dtype=np.float64).network.params},
        "float32, expected .* float64",
    ),
    "widths": ({"params": Training(widths=(3, 5, 2)).network.params}, r"\(3, 4\).* \(3, 5\)"),
    "generator": ({"rng": np.random.Generator(np.random.MT19937(0))}, "generator of another kind"),
}


@pytest.mark.parametrize(("others", "complaint"), OTHERS.values(), ids=OTHERS)
def test_another_training_s_is_refused_in_words_and_nothing_changed(path, others, complaint):
    training = Training(seed=1)
    is_unchanged = unchanged(training)
    with pytest.raises(ValueError, match=complaint) as caught:
        training.load(path, **others)
    assert str(caught.value).startswith(str(path))
    assert is_unchanged()


def rewrite(path, **changes):
    """Change arrays of a checkpoint; None leaves one out."""
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files} | changes
    np.savez(path, **{name: a for name, a in arrays.items() if a is not None})


def record(**changes):
    return np.frombuffer(json.dumps(changes).encode(), np.uint8)


def one_array():
    file = io.BytesIO()
    np.save(file, np.zeros(3))
    return file.getvalue()


DAMAGE = {
    "empty": (lambda p: p.write_bytes(b""), "no checkpoint, or a damaged one"),
    "cut": (lambda p: p.write_bytes(p.read_bytes()[:-40]), "no checkpoint, or a damaged one"),
    "half": (lambda p: p.write_bytes(p.read_bytes()[: p.stat().st_size // 2]), "damaged"),
    "a pickle": (lambda p: p.write_bytes(b"\x80\x04N."), "no checkpoint, or a damaged one"),
    "a web page": (lambda p: p.write_bytes(b"<html>"), "no checkpoint, or a damaged one"),
    "one array": (lambda p: p.write_bytes(one_array()), "no checkpoint"),
    "another npz": (lambda p: np.savez(p, a=np.zeros(3)), "no checkpoint, or a damaged one: 'rec"),
    "pickled objects": (lambda p: rewrite(p, record=np.array([{}], object)), "no checkpoint"),
    "another format": (lambda p: rewrite(p, record=record(format=9)), "format 9, expected 1"),
    "half a record": (lambda p: rewrite(p, record=record(format=1)), "format 1, expected 1"),
    "a list for a record": (
        lambda p: rewrite(p, record=np.frombuffer(b"[]", np.uint8)),
        "no check",
    ),
    "no JSON": (lambda p: rewrite(p, record=np.zeros(9, np.uint8)), "no checkpoint"),
    "a parameter less": (lambda p: rewrite(p, **{"params/0.b": None}), "has parameters 0.W"),
    "a wide moment": (lambda p: rewrite(p, **{"optimiser/m/0.b": np.zeros(9)}), "has m of 0.W"),
}


@pytest.mark.parametrize(("damage", "complaint"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_refused_in_words_and_nothing_changed(path, damage, complaint):
    damage(path)
    training = Training(seed=1)
    is_unchanged = unchanged(training)
    with pytest.raises(ValueError, match=complaint) as caught:
        training.load(path)
    assert str(caught.value).startswith(str(path))
    assert is_unchanged()


def test_a_changed_byte_of_an_array_is_found(path):
    """Each member of the zip has its checksum."""
    content = path.read_bytes()
    at = content.index(b"params/0.W.npy") + 200
    path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
    with pytest.raises(ValueError, match="damaged one: Bad CRC"):
        Training().load(path)


def test_a_missing_one_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        Training().load(tmp_path / "absent.npz")


def test_a_failed_write_leaves_the_old_one(path, monkeypatch):
    old = path.read_bytes()

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="No space left"):
        Training().save(path)
    assert path.read_bytes() == old


WRITER = """
import sys
import numpy as np
from reference_mlp import SGD
from reference_mlp.checkpoint import save_checkpoint
n = 0
print("ready", flush=True)
while True:
    n += 1
    save_checkpoint(sys.argv[1], params={"0.W": np.full((300, 300), n, np.float64)},
                    optimiser=SGD(0.1), rng=np.random.default_rng(n), history=[], identity={})
"""


def test_whenever_a_writer_is_killed_the_file_is_whole(tmp_path):
    path = tmp_path / "checkpoint.npz"
    delays = np.random.default_rng(0).uniform(0.0, 0.1, size=5)
    for delay in delays:
        writer = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE
        )
        writer.stdout.readline()
        while not path.exists():
            time.sleep(0.001)
        time.sleep(delay)
        writer.kill()
        writer.communicate()
        params = {"0.W": np.zeros((300, 300))}
        rng = np.random.default_rng(0)
        load_checkpoint(path, params=params, optimiser=SGD(0.1), rng=rng, identity={})
        assert params["0.W"].min() == params["0.W"].max() > 0
        assert {p.name for p in tmp_path.iterdir()} <= {path.name, f".{path.name}.part"}
