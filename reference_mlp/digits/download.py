"""Fetching the full MNIST once, from whichever mirror has it whole."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MIRRORS = (
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
)
SHA256: Mapping[str, str] = {
    "train-images-idx3-ubyte.gz": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
# The largest file is under ten; a mirror that sends more sends something else.
MAX_BYTES = 16 * 2**20


def download_mnist(
    folder: str | os.PathLike[str] | None = None,
    *,
    mirrors: Sequence[str] = MIRRORS,
    checksums: Mapping[str, str] = SHA256,
    patience: float = 30.0,
    deadline: float = 600.0,
) -> Path:
    """Fetch the files that `checksums` names into `folder`, and return it, for `load_digits`.

    Without `folder` it is the user's cache. A file that is there with its SHA-256 is not fetched
    again; any other is fetched from the first of `mirrors` that sends it whole, written aside and
    renamed, so that two processes may do this at once and neither sees half a file. A mirror is
    given up after `patience` seconds of silence, or `deadline` in all.

    Raises ModuleNotFoundError without pooch, the extra `download`, and OSError, saying what each
    mirror answered, if a file can't be had.
    """
    if find_spec("pooch") is None:
        msg = "downloading needs pooch: pip install 'gradbugs[download]'"
        raise ModuleNotFoundError(msg)
    # An extra, and slow to import.
    import pooch

    folder = Path(pooch.os_cache("gradbugs") / "mnist" if folder is None else folder)
    fetch = _fetcher(patience, deadline)
    for name, sha256 in checksums.items():
        answers = []
        for mirror in mirrors:
            url = mirror + name
            try:
                pooch.retrieve(url, f"sha256:{sha256}", name, folder, downloader=fetch)
                break
            # ValueError is pooch's, of a checksum.
            except (OSError, ValueError, HTTPException) as error:
                answers.append(f"{url}: {str(error) or type(error).__name__}")
        else:
            msg = f"{name} can't be downloaded. " + "; ".join(answers)
            raise OSError(msg)
    return folder


def _fetcher(patience: float, deadline: float) -> Callable[[str, str, Any], None]:
    def fetch(url: str, output: str, _: Any) -> None:
        """Write what `url` sends, byte for byte: pooch's own would undo a gzip on the way."""
        # Slow to import, and most who load digits fetch none.
        from urllib.request import urlopen

        end = time.monotonic() + deadline
        n_bytes = 0
        # The mirrors are the caller's own.
        with (
            urlopen(url, timeout=patience) as answer,  # noqa: S310
            Path(output).open("wb") as file,
        ):
            while chunk := answer.read1(2**16):
                n_bytes += len(chunk)
                if n_bytes > MAX_BYTES:
                    msg = f"sends more than {MAX_BYTES} bytes"
                    raise OSError(msg)
                if time.monotonic() > end:
                    msg = f"took more than {deadline} seconds for {n_bytes} bytes"
                    raise TimeoutError(msg)
                file.write(chunk)

    return fetch
