"""`gradbugs train NOTEBOOK`, as its users meet it."""

import json

import numpy as np
import pytest

from buggy_variants.plots import save_first_weights, save_misclassified
from gradbugs.__main__ import INTERRUPTED, main
from reference_mlp.digits import ENVIRONMENT, SUBSET, write_idx

pytest.importorskip("matplotlib", reason="the pictures need matplotlib, the extra `plots`")


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch, tmp_path):
    monkeypatch.delenv(ENVIRONMENT, raising=False)
    monkeypatch.chdir(tmp_path)


def gradbugs(capsys, *arguments):
    """Return (exit status, standard output on one line, standard error)."""
    try:
        status = main(arguments)
    except SystemExit as exit_:
        status = exit_.code
    out, err = capsys.readouterr()
    return status, " ".join(out.split()), err


def test_writes_history_pictures_and_a_checkpoint(capsys, tmp_path):
    status, out, err = gradbugs(capsys, "train", "notebook-003", "--epochs", "2")
    assert status == 0
    folder = tmp_path / "notebook-003"
    assert {path.name for path in folder.iterdir()} == {
        *("history.json", "checkpoint.npz"),
        *("learning-curve.png", "misclassified.png", "first-layer.png"),
    }
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in folder.glob("*.png"))
    record = json.loads((folder / "history.json").read_text())
    assert [epoch["number"] for epoch in record["history"]] == [1, 2]
    assert record["history"][1]["validation"]["accuracy"] == record["test"]["accuracy"]
    assert (record["recipe"], record["digits"]["train"]) == ("notebook-003", 5000)
    # What its author saw, what came out, and a bar that shows it.
    assert "test accuracy 0.098" in out
    assert f"test accuracy {record['test']['accuracy']:.4f}" in out
    n_wrong = round(1000 * (1 - record["test"]["accuracy"]))
    assert f"{n_wrong} of 1000 misclassified" in out
    assert "loss" in err
    assert "accuracy" in err


def weights(folder):
    with np.load(folder / "checkpoint.npz") as file:
        return file["params/0.W"]


def test_resumes_where_it_was(capsys, tmp_path):
    gradbugs(capsys, "train", "notebook-003", "--epochs", "3", "--output", "whole")
    gradbugs(capsys, "train", "notebook-003", "--epochs", "1", "--output", "parts")
    status, out, _ = gradbugs(
        capsys, "train", "notebook-003", "--epochs", "3", "--output", "parts", "--resume"
    )
    assert status == 0
    assert "from the beginning" not in out
    np.testing.assert_array_equal(weights(tmp_path / "parts"), weights(tmp_path / "whole"))


def test_resumes_from_nothing_and_says_so(capsys):
    status, out, _ = gradbugs(capsys, "train", "notebook-003", "--epochs", "1", "--resume")
    assert status == 0
    assert "no notebook-003/checkpoint.npz to go on from: from the beginning" in out


def test_a_checkpoint_is_not_written_over_unasked(capsys, tmp_path):
    gradbugs(capsys, "train", "notebook-003", "--epochs", "1")
    before = (tmp_path / "notebook-003" / "checkpoint.npz").read_bytes()
    status, _, err = gradbugs(capsys, "train", "notebook-003", "--epochs", "1")
    assert status == 2
    assert "checkpoint.npz is there: go on from it by --resume" in err
    assert (tmp_path / "notebook-003" / "checkpoint.npz").read_bytes() == before


def test_an_interrupt_says_how_to_go_on(capsys, monkeypatch):
    gradbugs(capsys, "train", "notebook-003", "--epochs", "1")

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("buggy_variants.cli.train_notebook.train", interrupted)
    status, out, err = gradbugs(capsys, "train", "notebook-003", "--resume")
    assert status == INTERRUPTED
    assert "notebook-003/checkpoint.npz has what is done: go on by --resume" in out
    assert err.rstrip().endswith("gradbugs: interrupted")


def test_another_recipe_s_checkpoint_is_refused_in_words(capsys):
    gradbugs(capsys, "train", "notebook-003", "--epochs", "1", "--output", "one")
    status, _, err = gradbugs(capsys, "train", "notebook-000", "--output", "one", "--resume")
    assert status == 2
    assert "checkpoint.npz is of recipe 'notebook-003', expected 'notebook-000'" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("notebook-009",), "invalid choice: 'notebook-009' (choose from"),
        (("notebook-002", "--hidden", "10"), "--hidden can't be given here: notebook-002 fixes it"),
        (("notebook-002", "--hidden"), "--hidden can't be given here"),
        (("notebook-002", "--batch-size", "10"), "--batch-size can't be given here: notebook-002"),
        (("notebook-002", "--learning-rate", "1"), "--learning-rate can't be given here"),
        (("notebook-002", "--picture", "p.png"), "--picture can't be given here"),
        (("--resume",), "--resume can't be given here: it goes with a notebook"),
        (("--output", "here"), "--output can't be given here: it goes with a notebook"),
        (("notebook-002", "--data", "/nosuch"), "/nosuch is not a folder"),
        (("notebook-002", "--output", "/proc/nosuch", "--epochs", "1"), "/proc/nosuch"),
    ],
)
def test_bad_usage_ends_with_2_and_says_what_was_expected(capsys, tmp_path, arguments, message):
    status, _, err = gradbugs(capsys, "train", *arguments)
    assert status == 2
    assert message in err
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_a_download_that_fails_says_so(capsys, monkeypatch):
    def refuse():
        msg = "train-images-idx3-ubyte.gz can't be downloaded. https://here: HTTP Error 404"
        raise OSError(msg)

    monkeypatch.setattr("buggy_variants.cli.train.download_mnist", refuse)
    status, _, err = gradbugs(capsys, "train", "notebook-002", "--download")
    assert status == 2
    assert "can't be downloaded" in err


def test_a_download_is_what_is_trained_on(capsys, monkeypatch):
    monkeypatch.setattr("buggy_variants.cli.train.download_mnist", lambda: SUBSET)
    status, out, _ = gradbugs(capsys, "train", "--download", "--epochs", "1", "--hidden", "5")
    assert status == 0
    assert "on 5000" in out


def test_the_environment_names_the_data(capsys, monkeypatch, tmp_path):
    folder = tmp_path / "few"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for part in ("train", "t10k"):
        images = rng.integers(256, size=(60, 28, 28)).astype(np.uint8)
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", np.arange(60, dtype=np.uint8) % 10)
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    status, out, _ = gradbugs(capsys, "train", "notebook-000", "--epochs", "1")
    assert status == 0
    assert "of 60 misclassified" in out


def test_pictures_of_digits_count_those_that_are_wrong(tmp_path):
    X, y = np.zeros((5, 784), np.float32), np.array([0, 1, 2, 3, 4])
    scores = np.eye(5, 10)[[0, 1, 2, 0, 0]]
    assert save_misclassified(tmp_path / "two.png", X, y, scores) == 2
    assert save_misclassified(tmp_path / "none.png", X, y, np.eye(5, 10)) == 0
    assert (tmp_path / "none.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("n", [1, 10, 128])
def test_pictures_of_weights_take_any_width(tmp_path, n):
    save_first_weights(tmp_path / "w.png", np.zeros((784, n)))
    assert (tmp_path / "w.png").read_bytes().startswith(b"\x89PNG")
