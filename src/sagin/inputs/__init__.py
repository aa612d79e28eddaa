"""Strict readers of text, tables and numbers in users' files, and harmless display of them."""

from sagin.inputs.excerpts import escape_text, quote
from sagin.inputs.numbers import find_digits, parse_number, parse_whole
from sagin.inputs.tables import TableRows, check_width, find_columns, read_lines, split_rows
from sagin.inputs.text import (
    LARGEST_TABLE,
    LARGEST_TEXT,
    clean_text,
    describe_message,
    hash_file,
    read_bytes,
    read_json,
    read_parts,
    read_text,
)

__all__ = [
    "LARGEST_TABLE",
    "LARGEST_TEXT",
    "TableRows",
    "check_width",
    "clean_text",
    "describe_message",
    "escape_text",
    "find_columns",
    "find_digits",
    "hash_file",
    "parse_number",
    "parse_whole",
    "quote",
    "read_bytes",
    "read_json",
    "read_lines",
    "read_parts",
    "read_text",
    "split_rows",
]
