"""A file that is written is there as a whole or not at all."""

import pytest

from reference_mlp._files import whole, write_text


def test_a_text_takes_the_place_of_the_old_one(tmp_path):
    path = tmp_path / "notes.txt"
    write_text(path, "old\n")
    write_text(path, "Weiß ≠ weiss\n")
    assert path.read_bytes() == "Weiß ≠ weiss\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def fail_in_the_middle(path):
    with whole(path) as file:
        file.write(b"longer than what comes next")
        file.flush()
        raise ZeroDivisionError


def test_a_failure_in_the_middle_leaves_the_old_file(tmp_path):
    path = tmp_path / "notes.txt"
    write_text(path, "old")
    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle(path)
    assert path.read_text(encoding="utf-8") == "old"


def test_until_all_is_written_the_old_file_is_read(tmp_path):
    path = tmp_path / "notes.txt"
    write_text(path, "old")
    with whole(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_what_a_failure_left_is_written_over(tmp_path):
    path = tmp_path / "notes.txt"
    with pytest.raises(ZeroDivisionError):
        fail_in_the_middle(path)
    assert not path.exists()
    write_text(path, "short")
    assert path.read_bytes() == b"short"
    assert list(tmp_path.iterdir()) == [path]
