"""Ways to damage an input; each takes a random generator, so a seed gives the same input."""

import gzip
import random
import re

WORDS = (
    *(
        "nan",
        "inf",
        "-inf",
        "1e308",
        "-1e308",
        "1e999",
        "1e-320",
        "-0",
        "0",
        "-1",
        "1_0",
        "١٢",
        "１",
    ),
    *(
        "true",
        "false",
        "null",
        "None",
        "",
        " ",
        '"46"',
        "0x" + "f" * 5000,
        "9" * 5000,
        "1e5",
        "1,5",
    ),
    *(
        "½",
        "+5",
        "5.",
        ".5",
        "--1",
        "2**9",
        "91",
        "361",
        "4294967296",
        "[]",
        "{}",
        "[[1]]",
        "1e2e3",
    ),
)
"""What takes the place of a number."""

PIECES = (
    *("\x00", "\x1a", "\x1b[2J", "\r", "\n", "\t", "\x85", "\u2028", "\u202e", "\ufeff", "é", "𝟙"),
    *('"', "'", "<", ">", "&b;", "<!DOCTYPE a>", "{", "}", "[", "]", ",", ";", "|", "=", "#", "\\"),
    *(r"\ud800", "'''", "-", ".", "(", "COMMENT", "1 ", "2 ", "[" * 2000, "a." * 2000, "x" * 5000),
)
"""What is put in anywhere."""

NUMBER = re.compile(r"[-+]?[0-9][0-9.eE+-]*")


def mutate(text: str, chance: random.Random) -> bytes:
    """Damage a text one to four times and encode it."""
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        text = chance.choice(CHANGES)(text, chance)
    return chance.choice(ENCODINGS)(text, chance)


def _cut(text: str, chance: random.Random) -> tuple[int, int]:
    first = chance.randrange(len(text) + 1)
    return first, min(first + chance.choice((1, 1, 2, 8, 70)), len(text))


def replace_number(text: str, chance: random.Random) -> str:
    """Replace a number by something else."""
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    number = chance.choice(found)
    return text[: number.start()] + chance.choice(WORDS) + text[number.end() :]


def turn_digit(text: str, chance: random.Random) -> str:
    """Change a digit."""
    places = [number for number, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    place = chance.choice(places)
    return text[:place] + str(chance.randrange(10)) + text[place + 1 :]


def replace_blank(text: str, chance: random.Random) -> str:
    """Replace a blank by a character."""
    places = [number for number, letter in enumerate(text) if letter == " "]
    if not places:
        return text
    place = chance.choice(places)
    return text[:place] + chance.choice(".(X-+1,;") + text[place + 1 :]


def insert_piece(text: str, chance: random.Random) -> str:
    """Insert an unexpected piece."""
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(PIECES) + text[place:]


def drop_span(text: str, chance: random.Random) -> str:
    """Remove a span."""
    first, last = _cut(text, chance)
    return text[:first] + text[last:]


def double_span(text: str, chance: random.Random) -> str:
    """Repeat a span."""
    first, last = _cut(text, chance)
    return text[:last] + text[first:last] + text[last:]


def swap_lines(text: str, chance: random.Random) -> str:
    """Swap two lines."""
    lines = text.split("\n")
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]
    return "\n".join(lines)


def double_line(text: str, chance: random.Random) -> str:
    """Repeat a line."""
    lines = text.split("\n")
    place = chance.randrange(len(lines))
    return "\n".join([*lines[:place], lines[place], *lines[place:]])


def cut_off(text: str, chance: random.Random) -> str:
    """Truncate the text."""
    return text[: chance.randrange(len(text) + 1)]


def separate(text: str, chance: random.Random) -> str:
    """Replace a separator everywhere."""
    return text.replace(chance.choice(",:= \n"), chance.choice((";", "\t", "|", ", ", "", "\r\n")))


def change_case(text: str, chance: random.Random) -> str:
    """Change the case of the whole text."""
    return text.upper() if chance.random() < 0.5 else text.lower()


def surround(text: str, chance: random.Random) -> str:
    """Add text around the input, or replace the input by it."""
    before = chance.choice(("TO ALL\n\n", "<html><body>", "-----\n", "# a\n", '{"data":', "\n\n"))
    return chance.choice((before + text, before, text + before, text + text))


CHANGES = (
    *(replace_number, turn_digit, replace_blank, insert_piece, drop_span, double_span),
    *(swap_lines, double_line, cut_off, separate, change_case, surround),
)


def _encode(text: str, chance: random.Random) -> bytes:
    del chance
    return text.encode("utf-8", "surrogatepass")


def _flip(text: str, chance: random.Random) -> bytes:
    data = bytearray(_encode(text, chance))
    for _ in range(chance.choice((1, 3))):
        if data:
            data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def _pack(text: str, chance: random.Random) -> bytes:
    data = gzip.compress(_encode(text, chance), 1, mtime=0)
    return data[: chance.choice((len(data), len(data) // 2))]


def _other(text: str, chance: random.Random) -> bytes:
    name = chance.choice(("utf-16", "utf-16-be", "utf-32", "latin-1", "utf-8-sig"))
    return text.encode(name, "replace")


ENCODINGS = (*[_encode] * 8, _flip, _pack, _other)
