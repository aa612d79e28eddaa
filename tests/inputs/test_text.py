"""The reader of text and tables: encodings, limits, and files that are not data."""

import gzip
import os

import pytest

from sagin.errors import InputError
from sagin.inputs import (
    find_columns,
    parse_number,
    parse_whole,
    quote,
    read_lines,
    read_text,
    split_rows,
    text,
)


@pytest.mark.parametrize(
    "data",
    [
        "é\nb".encode(),
        "\ufeffé\r\nb".encode(),
        "é\rb".encode("utf-16"),
        b"\xfe\xff" + "é\nb".encode("utf-16-be"),
        "é\nb".encode("utf-32"),
        "é\nb".encode("latin-1"),
        gzip.compress("é\nb\n\x1a".encode(), mtime=0),
    ],
)
def test_one_text_in_many_encodings(data, tmp_path):
    (tmp_path / "f").write_bytes(data)
    assert read_text(tmp_path / "f") == "é\nb"
    lines = "".join(read_lines(tmp_path / "f")).strip("\n\x1a")
    assert lines.split("\n")[1] == "b"


def test_what_may_never_end_is_refused(tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", "/dev/stdin", tmp_path / "pipe"):
        for read in (read_text, lambda path: list(read_lines(path))):
            with pytest.raises(InputError, match="stream or device"):
                read(path)
    monkeypatch.setattr(text, "LARGEST_TEXT", 1 << 20)
    (tmp_path / "large").write_bytes(b"x" * (2 << 20))
    (tmp_path / "packed").write_bytes(gzip.compress(b"x" * (2 << 20)))
    for name in ("large", "packed"):
        with pytest.raises(InputError, match="larger than 1 MB"):
            read_text(tmp_path / name)
    with pytest.raises(InputError, match="a line too long"):
        list(read_lines(tmp_path / "large"))
    with pytest.raises(InputError, match="larger than 0 MB"):
        list(read_lines(tmp_path / "packed", limit=1000))
    for name in ("a\0b", "\udcff\ud800"):
        with pytest.raises(InputError, match="not the name of a file"):
            read_text(name)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<!DOCTYPE html>\n<html><title>403</title>Forbidden</html>", "'403 Forbidden'"),
        ("\n<HTML><script>x</script><p>Busy", "'Busy'"),
        ('<?xml version="1.0"?><!-- a --><html><b>Log in</b></html>', "'Log in'"),
    ],
)
def test_a_page_in_place_of_data_is_told(page, words, tmp_path):
    (tmp_path / "f").write_text(page)
    with pytest.raises(InputError, match=f"no data but a message: {words}"):
        read_text(tmp_path / "f")


def test_tables_of_any_separator():
    for separator in ",;\t|":
        lines = ["\n", f" A{separator} b_c \n", "\n", f'1{separator} "2\n', '3"\n', "\x1a"]
        rows = split_rows(lines, "f")
        assert rows is not None
        assert (rows.first, rows.line, list(rows.following)) == (
            ["A", "b_c"],
            2,
            [(5, ["1", "2\n3"])],
        )
    assert split_rows(["\n", " \x1a"], "f") is None
    assert find_columns(["X", "B c", "lng"], {"bc": (), "lon": ("lng",)}, "f", InputError) == {
        "bc": 1,
        "lon": 2,
    }
    with pytest.raises(InputError, match="f: column 'lon' occurs twice: 'lng' and 'LON'"):
        find_columns(["lng", "LON"], {"lon": ("lng",)}, "f", InputError)


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "1_0", "١", "nan", "inf", "0x1", "1e999", "1 2", "--1", "1,5", "1" * 101, "½"),
        *(True, None, [1], float("nan"), 10**400),
    ],
)
def test_what_is_no_number(wrong):
    assert parse_number(wrong) is None
    assert parse_whole(wrong) is None


def test_values_are_quoted_short_and_on_one_line():
    deep: list = []
    for _ in range(100_000):
        deep = [deep]
    values = [deep, {"a": deep}, "x" * 10**7, 10**5000, ["\x1b"] * 10**6, "\ud800", object()]
    for value in values:
        assert quote(value).isprintable()
        assert len(quote(value)) < 120
