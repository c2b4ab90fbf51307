"""Random answers to an item: such as the form takes, and such as it must not."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from guideline.catalogue import ROWS, SIMPLE_TYPES, TYPES, Field, Item, Needs, Option, Section, Version, Words, load
from guideline.stored import row_keys
from guideline.values import STORED, option_ids

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
# what is near to right: other digits, edges, line ends, NUL, signs that look alike
NEAR = st.sampled_from(
    [
        "",
        " ",
        "\u3000",
        "x",
        "\x00",
        "a\r\nb",
        "a\nb",
        "a\rb",
        "115/11/30",
        "2026-11-30",
        "2026-02-29",
        "2028-02-29",
        "2910-12-31",
        "2911-01-01",
        "1920-12-31",
        "2026-11-30\n",
        "２０２６-11-30",
        "٢٠٢٦-11-30",
        "民國115年1月2日",
        "08:30",
        "8:30",
        "24:00",
        "24:01",
        "08：30",
        "08:٣٠",
        "23:59 ",
        "42",
        "４２",
        "1,000",
        "yes",
        "no",
        "na",
        "YES",
        "https://a.b",
        "HTTPS://a.b/c d",
        "https://a",
        "https://a.b/\x00",
        "https://a.b\u2028",
        "https://[::1.",
        "http://a.b",
        "https://.",
        "https://a.b?q#f",
        "a@b.c",
        "a@b",
        "a@b..c",
        "a b@c.d",
        "a@b.c\n",
        "a\x01@b.c",
        "é@b.c",
        "x" * 250 + "@b.c",
        "x" * 251 + "@b.c",
        "(02)5550-1234",
        " 0900-000-102",
        "０９００-000-102",
        "＋886 2 5550 1234",
        "+",
        "1234567 ",
        "12345",
        "123456",
        "1" * 39,
        "1" * 40,
        "02\n5550-1234",
        "+(02)55501234",
    ]
)
OTHER = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 10**10), st.floats(), st.just([]), st.just({}), st.just([None]),
    st.lists(ANY_TEXT, max_size=2), st.dictionaries(ANY_TEXT, ANY_TEXT, max_size=2), st.just([{}]), st.just([["x"]]),
)  # fmt: skip


def broken() -> st.SearchStrategy[Any]:
    return st.one_of(NEAR, ANY_TEXT, OTHER)


def good(field: Field, version: Version) -> st.SearchStrategy[Any]:
    """Values of a simple field that can be stored, and a few that nearly can."""
    if field.type == "int":
        return st.integers(0, 999_999_999)
    if field.type == "yesno":
        return st.sampled_from(["yes", "no"])
    if field.type == "choice":
        return st.sampled_from(option_ids(field, version))
    if field.type == "choices":
        return st.lists(st.sampled_from(option_ids(field, version)), min_size=1, max_size=4)
    if field.type in STORED:
        return st.from_regex(STORED[field.type], fullmatch=True)
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


def cell(field: Field, version: Version) -> st.SearchStrategy[Any]:
    return st.integers(0, 9).flatmap(lambda n: good(field, version) if n else broken())


def table(field: Field, version: Version) -> st.SearchStrategy[Any]:
    keys = row_keys(field, version)
    optional = {column.name: cell(column, version) for column in field.columns}
    needed = {} if keys is None else {"key": st.sampled_from(keys)}
    row = st.fixed_dictionaries(needed, optional=optional)
    rows = st.lists(row, max_size=4)
    odd = st.fixed_dictionaries({}, optional=optional | {"key": broken(), "other": ANY_TEXT})
    return st.integers(0, 9).flatmap(lambda n: rows if n > 1 else st.lists(odd, max_size=2) if n else broken())


def answers(item: Item, version: Version) -> st.SearchStrategy[dict[str, Any]]:
    """Some of an item's questions answered, now and then wrongly, now and then one that it does not ask."""
    optional: dict[str, st.SearchStrategy[Any]] = {}
    if not item.plain:
        optional["chosen" if item.trigger else "answer"] = st.one_of(st.sampled_from(["yes", "no", "na"]), broken())
        optional |= {"text": st.one_of(ANY_TEXT, NEAR), "note": st.one_of(ANY_TEXT, broken())}
    for field in item.fields:
        optional[field.name] = table(field, version) if field.type == "table" else cell(field, version)
    asked = st.fixed_dictionaries({}, optional=optional)
    more = st.one_of(*[st.just({})] * 9, st.dictionaries(st.sampled_from(["answer", "chosen", "text", "x"]), NEAR))
    return st.tuples(asked, more).map(lambda both: both[1] | both[0])


@cache
def of_place(version_id: str, item_id: str) -> st.SearchStrategy[dict[str, Any]]:
    """Answers to an item of a real version."""
    version = load(version_id)
    return one_place(version.item(item_id), version)


def one_place(item: Item, version: Version) -> st.SearchStrategy[dict[str, Any]]:
    """One question alone: so that what is taken is seen as often as what is not."""
    names = {field.name: field for field in item.fields}
    single = [
        (table(field, version) if field.type == "table" else st.one_of(good(field, version), broken())).map(
            lambda value, name=name: {name: value}
        )
        for name, field in names.items()
    ]
    return st.one_of(*single, answers(item, version)) if single else answers(item, version)


NAMES = ("a", "b", "c", "due_on", "key_person")
OPTIONS = st.lists(st.sampled_from(["one", "two", "yes", "三", "4"]), min_size=1, max_size=4, unique=True).map(
    lambda ids: tuple(Option(one, Words(one, one)) for one in ids)
)


def fields(types: list[str]) -> st.SearchStrategy[tuple[Field, ...]]:
    """Fields (or columns) of these types, each with a name of its own."""

    def one(name: str) -> st.SearchStrategy[Field]:
        return st.sampled_from(types).flatmap(lambda kind: _field(name, kind))

    return st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True).flatmap(
        lambda names: st.tuples(*map(one, names))
    )


def _field(name: str, kind: str) -> st.SearchStrategy[Field]:
    more: dict[str, st.SearchStrategy[Any]] = {"required": st.booleans(), "minimum": st.integers(0, 3)}
    more["needs"] = st.sampled_from([None, Needs("a", ("yes",)), Needs("b", ("one",))])
    if kind in {"choice", "choices"}:
        more |= {"options": OPTIONS, "options_from": st.sampled_from(["", "lines"])}
    if kind == "table":
        more |= {"columns": fields(sorted(SIMPLE_TYPES)), "rows": st.sampled_from(sorted(ROWS)), "row": OPTIONS}
    return st.builds(Field, name=st.just(name), type=st.just(kind), label=st.just(Words("欄", "Field")), **more)


def made_up(version: Version) -> st.SearchStrategy[tuple[Version, dict[str, Any]]]:
    """The version with one section, of one made-up item, and answers to it."""
    items = st.builds(
        Item,
        id=st.just("9.1"),
        number=st.just("玖、一"),
        title=st.just(Words("項目", "Item")),
        text=st.just(Words("文", "Text")),
        trigger=st.booleans(),
        always=st.booleans(),
        plain=st.booleans(),
        fields=fields(sorted(TYPES)),
    )

    def of(item: Item) -> st.SearchStrategy[tuple[Version, dict[str, Any]]]:
        words = Words("節", "Section")
        section = Section(id="9.1", group="a", number="玖", title=words, task=words, items=(item,))
        new = replace(version, sections=(section,))
        return one_place(item, new).map(lambda given: (new, given))

    return items.flatmap(of)
