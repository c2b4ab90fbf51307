"""Mistakes made in a version file, by a seeded chance: as a person with an editor makes them, or a bad transfer."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator

STRING = re.compile(r'"[^"\n]*"')
KEY = re.compile(r"(?<=[{, \n])([a-z_]+)(?= = )")
NUMBER = re.compile(r"(?<= = )\d+\b(?!-)")
FLAG = re.compile(r"(?<= = )(?:true|false)\b")
ID = re.compile(r'(?<=\bid = )"[^"]+"|(?<=name = )"[a-z_]+"')
PLACE = re.compile(r'"[0-9a-z.]+(?:/[a-z_]+)+"|(?<=field = )"[a-z_]+"|(?<=options = )"[a-z]+"|(?<=_column = )"[a-z_]+"')
PAIR = re.compile(r"[a-z_]+ = (?:\"[^\"\n]*\"|true|false|\d+), ")
ROUTE = re.compile(r"(?<=route = )\[.*?\]")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d)")
TABLE = re.compile(r"(?m)^\[\[[a-z.]+\]\]\n(?:[^\n]+\n)+")

Mutation = Callable[[random.Random, str], str | bytes]


def _one(chance: random.Random, pattern: re.Pattern[str], text: str) -> re.Match[str]:
    return chance.choice(list(pattern.finditer(text)))


def _put(text: str, found: re.Match[str], new: str) -> str:
    return text[: found.start()] + new + text[found.end() :]


def delete_a_line(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    written = [n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")]
    del lines[chance.choice(written)]
    return "\n".join(lines)


def delete_a_key(chance: random.Random, text: str) -> str:
    return _put(text, _one(chance, PAIR, text), "")


def unknown_key(chance: random.Random, text: str) -> str:
    found = _one(chance, KEY, text)
    return _put(text, found, found[0] + chance.choice(("s", "_", "x", "2")))


def change_a_type(chance: random.Random, text: str) -> str:
    pattern, new = chance.choice(
        (
            (STRING, "7"),
            (STRING, "true"),
            (STRING, "[]"),
            (STRING, "{}"),
            (STRING, "2023-10-03"),
            (NUMBER, '"3"'),
            (NUMBER, "3.5"),
            (NUMBER, "nan"),
            (FLAG, '"yes"'),
            (FLAG, "1"),
        )
    )
    return _put(text, _one(chance, pattern, text), new)


def duplicate_an_id(chance: random.Random, text: str) -> str:
    one, other = _one(chance, ID, text), _one(chance, ID, text)
    return _put(text, one, other[0])


def duplicate_a_table(chance: random.Random, text: str) -> str:
    found = _one(chance, TABLE, text)
    return _put(text, found, f"{found[0]}\n{found[0]}")


def delete_a_table(chance: random.Random, text: str) -> str:
    return _put(text, _one(chance, TABLE, text), "")


def dangling_reference(chance: random.Random, text: str) -> str:
    found = _one(chance, PLACE, text)
    return _put(text, found, found[0][:-1] + 'x"')


def another_place(chance: random.Random, text: str) -> str:
    """A reference to something that exists, but is something else."""
    one, other = _one(chance, PLACE, text), _one(chance, PLACE, text)
    return _put(text, one, other[0])


def truncate(chance: random.Random, text: str) -> str:
    return text[: chance.randrange(len(text))]


def swap_values(chance: random.Random, text: str) -> str:
    pattern = chance.choice((STRING, STRING, NUMBER, FLAG))
    one, other = sorted((_one(chance, pattern, text), _one(chance, pattern, text)), key=lambda found: found.start())
    if one.start() == other.start():
        return text
    return _put(_put(text, other, one[0]), one, other[0])


def swap_lines(chance: random.Random, text: str) -> str:
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def empty_string(chance: random.Random, text: str) -> str:
    return _put(text, _one(chance, STRING, text), chance.choice(('""', '"　 "', '"\\n"')))


def break_the_encoding(chance: random.Random, text: str) -> bytes:
    data = text.encode()
    at = chance.randrange(len(data))
    return chance.choice(
        (data[:at] + b"\xff" + data[at:], data[:at] + b"\x00" + data[at:], text.encode("big5", "replace"))
    )  # fmt: skip


def huge_number(chance: random.Random, text: str) -> str:
    huge = chance.choice(("-1", "0", "99999999999999999999", "9" * 5000, "0x7fffffffffffffff", "1e400"))
    return _put(text, _one(chance, NUMBER, text), huge)


def no_date(chance: random.Random, text: str) -> str:
    wrong = chance.choice(("2023-02-30", "9999-12-31", "0001-01-01", "2023-10-03T00:00:00", '"112/10/03"', "1121003"))
    return _put(text, _one(chance, DATE, text[: text.index("[period]")]), wrong)


def other_route(chance: random.Random, text: str) -> str:
    steps = ["review", "forward", "authority", "endorse", "record", "opinion", "approve"]
    chosen = [f'"{chance.choice(steps)}"' for _ in range(chance.randrange(5))]
    return _put(text, _one(chance, ROUTE, text), f"[{', '.join(chosen)}]")


def deep_nesting(chance: random.Random, text: str) -> str:
    return _put(text, _one(chance, STRING, text), "[" * chance.choice((3, 5000)))


def loose_brace(chance: random.Random, text: str) -> str:
    found = _one(chance, re.compile(r"\{(?:since|first|months|interval)\}"), text)
    return _put(text, found, chance.choice(("{", "{sinse}", "{since!r}", "{0}", "{first.year}", "{}")))


MUTATIONS: tuple[Mutation, ...] = (
    delete_a_line,
    delete_a_key,
    unknown_key,
    change_a_type,
    duplicate_an_id,
    duplicate_a_table,
    delete_a_table,
    dangling_reference,
    another_place,
    truncate,
    swap_values,
    swap_lines,
    empty_string,
    break_the_encoding,
    huge_number,
    no_date,
    other_route,
    deep_nesting,
    loose_brace,
)


def mutants(text: str, *, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """``count`` files that differ from ``text``, each by one mistake, with its name; the same for the same seed."""
    chance = random.Random(seed)
    number = 0
    while number < count:
        mutation = MUTATIONS[number % len(MUTATIONS)]
        made = mutation(chance, text)
        data = made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")
        if data != text.encode():
            yield f"{number:03} {mutation.__name__}", data
            number += 1
