"""How the portal writes: full-width punctuation beside Chinese, 「」 for quotes, one word for one thing."""

from __future__ import annotations

import pytest

from tests.copytext import faults, of_python, of_template, of_toml, ours

# file -> text that stands there for a reason
ALLOWED = {
    "templates/applications/person.html": {"居家,營業處所,輪替", "否,是"},  # lists for split_comma
    "templates/applications/roster.html": {"是,否"},
    "guideline/versions/111-10-06.toml": {"電郵公司及客戶"},  # the clause's own words
    "guideline/versions/112-10-03.toml": {"電郵公司及客戶"},
}


def test_every_text_is_written_as_the_house_writes() -> None:
    found = {(name, text): wrong for name, text in ours() if (wrong := faults(text))}
    allowed = {(name, text) for name, texts in ALLOWED.items() for text in texts}
    assert {place: wrong for place, wrong in found.items() if place not in allowed} == {}
    assert allowed - set(found) == set(), "the list of what is allowed is longer than it has to be"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("請補正,再送件", 1),
        ("例如:甲案", 1),
        ("名冊(三人)", 2),
        ("完成.", 1),
        ('按"送件"', 2),
        ("請於期限內補件", 1),
        ("待複核", 1),
        ("以e-mail通知", 1),
        ("待補件，逾期未補件；例如：甲證(法)字第1151106001號（PDF）", 0),
        ("a, b (c): d", 0),
    ],
)
def test_what_is_wrong_is_found(text: str, wrong: int) -> None:
    assert len(faults(text)) == wrong, faults(text)


def test_texts_are_found_where_they_stand() -> None:
    assert list(of_python('"""甲,"""\nx = _("乙,")  # 丙,')) == ["乙,"]
    template = '{% comment %}甲,{% endcomment %}{# 乙, #}<p title="x">丙,{{ a }}</p>{% translate "丁," %}'
    assert [text for text in of_template(template) if faults(text)] == ["丁,", "丙,°"]
    toml = '[[section]]\ntitle = { zh = "甲," }\n[[section.item]]\nzh = "乙:"\ntitle = { zh = "丙," }\n'
    toml += '[[premise]]\nzh = "丁:"'
    assert [text for text in of_toml(toml) if faults(text)] == ["甲,", "丙,"]
