"""Downloading, from servers on the loopback interface."""

import hashlib
import http.server
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import numpy as np
import pytest

from reference_mlp.digits import SUBSET, download_mnist, load_digits
from reference_mlp.digits.download import MAX_BYTES, MIRRORS, SHA256

pytest.importorskip("pooch", reason="downloading needs pooch, the extra `download`")

FILES = {path.name: path.read_bytes() for path in sorted(SUBSET.glob("*.gz"))}
CHECKSUMS = {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}


def good(handler, content):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content)


def corrupt(handler, content):
    good(handler, content[:-1] + bytes([content[-1] ^ 1]))


def truncated(handler, content):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    handler.wfile.write(content[: len(content) // 2])


def absent(handler, _):
    handler.send_error(404)


def broken(handler, _):
    handler.send_error(503)


def web_page(handler, _):
    good(handler, b"<!DOCTYPE html><title>Please log in</title>")


def empty(handler, _):
    good(handler, b"")


def hangs_up(handler, _):
    handler.close_connection = True


def silent(handler, content):
    handler.server.released.wait(10)
    handler.close_connection = True


def endless(handler, _):
    handler.send_response(200)
    handler.end_headers()
    for _ in range(2 * MAX_BYTES // 2**16):
        handler.wfile.write(bytes(2**16))


def drips(handler, content):
    handler.send_response(200)
    handler.end_headers()
    for i in range(len(content)):
        handler.wfile.write(content[i : i + 1])
        if handler.server.released.wait(0.05):
            break


def hesitant(handler, content):
    """Sends all, in a while."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    for start in range(0, len(content), 2**17):
        time.sleep(0.02)
        handler.wfile.write(content[start : start + 2**17])


@contextmanager
def mirror(behaviour):
    """Serve FILES on the loopback interface; yield the address, and the names asked for."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rpartition("/")[2]
            asked.append(name)
            try:
                behaviour(self, FILES[name])
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client has had enough

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.released = threading.Event()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/mnist/", asked
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


def fetch(folder, *mirrors):
    return download_mnist(folder, mirrors=mirrors, checksums=CHECKSUMS)


def test_fetches_the_four_files_and_they_load(tmp_path):
    with mirror(good) as (address, asked):
        assert fetch(tmp_path / "new" / "mnist", address) == tmp_path / "new" / "mnist"
    assert asked == list(FILES)
    digits = load_digits(tmp_path / "new" / "mnist")
    np.testing.assert_array_equal(digits.train[1], load_digits(SUBSET).train[1])


def test_fetches_nothing_that_is_there(tmp_path):
    with mirror(good) as (address, asked):
        fetch(tmp_path, address)
        fetch(tmp_path, address)
    assert asked == list(FILES)
    fetch(tmp_path, "http://127.0.0.1:9/")  # nobody there, and nobody asked


def test_fetches_a_damaged_file_again(tmp_path):
    with mirror(good) as (address, asked):
        fetch(tmp_path, address)
        name = "t10k-labels-idx1-ubyte.gz"
        (tmp_path / name).write_bytes(b"damaged")
        fetch(tmp_path, address)
    assert asked == [*FILES, name]
    assert (tmp_path / name).read_bytes() == FILES[name]


BAD = {
    "corrupt": (corrupt, "hash"),
    "truncated": (truncated, "hash|IncompleteRead"),
    "absent": (absent, "404"),
    "broken": (broken, "503"),
    "a web page": (web_page, "hash"),
    "empty": (empty, "hash"),
    "hangs up": (hangs_up, "closed|reset|RemoteDisconnected"),
    "silent": (silent, "timed out"),
    "endless": (endless, "sends more than"),
    "drips": (drips, "took more than"),
}


@pytest.mark.parametrize(("behaviour", "answer"), BAD.values(), ids=BAD)
def test_a_bad_mirror_leaves_nothing_behind_and_the_next_is_asked(tmp_path, behaviour, answer):
    name = "t10k-labels-idx1-ubyte.gz"
    options = {"checksums": {name: CHECKSUMS[name]}, "patience": 1}
    # A drip is never silent for long, so only the deadline ends it.
    deadline = 0.3 if behaviour is drips else 60
    with mirror(behaviour) as (bad, _), mirror(good) as (address, asked):
        with pytest.raises(OSError, match=answer) as caught:
            download_mnist(tmp_path, mirrors=[bad], deadline=deadline, **options)
        assert str(caught.value).startswith(f"{name} can't be downloaded. {bad}{name}: ")
        assert not list(tmp_path.iterdir())
        # The good one needs no time worth speaking of, but a busy machine may.
        download_mnist(tmp_path, mirrors=[bad, address], deadline=max(deadline, 3), **options)
    assert asked == [name]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_bytes() == FILES[name]


def test_says_what_each_mirror_answered(tmp_path):
    with (
        mirror(absent) as (one, _),
        mirror(broken) as (other, _),
        pytest.raises(OSError, match="can't be downloaded") as caught,
    ):
        fetch(tmp_path, one, other)
    assert f"{one}t10k-images-idx3-ubyte.gz: HTTP Error 404" in str(caught.value)
    assert f"{other}t10k-images-idx3-ubyte.gz: HTTP Error 503" in str(caught.value)


def test_two_processes_at_once(tmp_path):
    code = (
        "import sys; from reference_mlp.digits import download_mnist;"
        "download_mnist(sys.argv[1], mirrors=[sys.argv[2]], checksums=eval(sys.argv[3]))"
    )
    with mirror(hesitant) as (address, asked):
        command = [sys.executable, "-c", code, str(tmp_path), address, repr(CHECKSUMS)]
        processes = [
            subprocess.Popen(command, stderr=subprocess.PIPE, text=True)  # noqa: S603
            for _ in range(2)
        ]
        errors = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], errors
    assert set(asked) == set(FILES)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == FILES


def test_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr("reference_mlp.digits.download.find_spec", lambda _: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install 'gradbugs\[download\]'"):
        download_mnist(tmp_path)


def test_the_mirrors_and_checksums_are_those_of_mnist():
    assert len(MIRRORS) == 2
    assert all(address.startswith("https://") and address.endswith("/") for address in MIRRORS)
    assert set(SHA256) == set(FILES)
    assert all(len(bytes.fromhex(value)) == 32 for value in SHA256.values())
