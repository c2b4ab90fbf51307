"""check_guideline and diff_guideline, as an operator runs them."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from applications.actions import drafting
from applications.enums import Status
from applications.models import Application
from guideline import catalogue
from tests.factories import FILED_AT, Cast, draft, filed_case
from tests.guideline import changing

SOURCE = (catalogue.FOLDER / "112-10-03.toml").read_text(encoding="utf-8")


def run(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_check_without_files_sums_up_every_version() -> None:
    said = run("check_guideline")
    for version in catalogue.every():
        assert f"{version.id}：{version.title.zh}（{version.announced} 公告，{version.document}）" in said
    assert "歷史重建：本版為歷史重建" in said
    assert "類型 延展：審查→交易所核備，核備" in said
    assert "類型 申報備查（其他、起日後 3 日內）：審查→交易所備查，備查" in said


def test_check_says_all_that_is_wrong_and_fails(tmp_path: Path) -> None:
    good, bad = tmp_path / "112-10-03.toml", tmp_path / "bad.toml"
    good.write_text(SOURCE, encoding="utf-8")
    bad.write_text(
        SOURCE.replace("trigger = true", "triger = true").replace("months = 3\n", "months = 0\n"), encoding="utf-8"
    )
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 個檔案有誤"):
        call_command("check_guideline", str(good), str(bad), stdout=out, stderr=err)
    faults = err.getvalue().splitlines()
    assert len(faults) == 4
    assert all(fault.startswith("bad.toml:") for fault in faults)
    assert "112-10-03：" in out.getvalue()


def test_check_reminds_of_the_name_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text(SOURCE, encoding="utf-8")
    assert "檔名須為 112-10-03.toml" in run("check_guideline", str(path))


@pytest.fixture
def newer(tmp_path: Path) -> str:
    """A version with a cap of two months, without item 3.4.4."""
    start = SOURCE.index('[[section.item]]\nid = "3.4.4"')
    item = SOURCE[start : SOURCE.index("[[section]]", start)]
    path = tmp_path / "new.toml"
    path.write_text(SOURCE.replace(item, "").replace("months = 3\n", "months = 2\n", 1), encoding="utf-8")
    return str(path)


@pytest.mark.django_db
def test_diff_counts_drafts_and_cases_by_firm(newer: str) -> None:
    cast, other = Cast(), Cast()
    draft(cast)  # with an answer to the item that is dropped
    drafting.create_draft(firm=cast.firm, by=cast.preparer, at=FILED_AT)
    filed_case(other)
    ended, _cast = filed_case(other)
    Application.objects.filter(pk=ended.pk).update(status=Status.APPROVED)
    withdrawn = drafting.create_draft(firm=other.firm, by=other.preparer, at=FILED_AT + timedelta(hours=1))
    Application.objects.filter(pk=withdrawn.pk).update(status=Status.WITHDRAWN)
    older = drafting.create_draft(firm=other.firm, by=other.preparer, at=FILED_AT)
    Application.objects.filter(pk=older.pk).update(version_id="111-10-06")
    said = run("diff_guideline", "112-10-03", newer).splitlines()
    assert said[0] == "112-10-03（臺證輔字第1120503225號）→ 112-10-03（臺證輔字第1120503225號）"
    assert said[1:3] == ["【期間】", "- 上限由「3 個月」改為「2 個月」"]
    assert "- 刪除項目 參、四（四）（3.4.4）「視訊會議安全」" in said
    assert "    舊：居家辦公者如須進行視訊會議，應強化遠距連線安全控管。" in said
    assert said[said.index("【受影響之案件】（舊版 112-10-03）") + 1 :] == [
        f"- {cast.firm.name}（{cast.firm.broker_code}）：草稿 2 件，送件前將改適用新版，"
        "其中 1 件有填報內容於新版已無對應欄位（保留並顯示，不刪除）",
        f"- {other.firm.name}（{other.firm.broker_code}）：已送件 2 件（審理中 1 件），仍適用舊版",
    ]


@pytest.mark.django_db
def test_diff_where_nothing_is_affected(newer: str) -> None:
    said = run("diff_guideline", "112-10-03", newer).splitlines()
    assert said[-2:] == ["- 尚未送件之草稿：無", "- 已送件之案件：無"]


def test_diff_of_the_text_alone_reads_no_database(newer: str) -> None:
    said = run("diff_guideline", "111-10-06", "112-10-03", "--text-only")
    assert "「延展」之程序由「審查→轉報→主管機關決定」改為「審查→交易所核備」" in said
    assert "受影響之案件" not in said
    assert run("diff_guideline", "112-10-03", "112-10-03", "--text-only").splitlines()[1:] == ["內容相同"]


def test_diff_of_what_is_not_there_says_what_is(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="沒有版本 113-01-01；現有：111-10-06、112-10-03"):
        run("diff_guideline", "112-10-03", "113-01-01", "--text-only")
    with pytest.raises(CommandError, match=r"x\.toml:1: 檔案：無法讀取"):
        run("diff_guideline", "112-10-03", str(tmp_path / "x.toml"), "--text-only")


def test_a_deployment_chooses_its_folder(tmp_path: Path, settings: Any) -> None:
    changing.put(tmp_path, changing.next_announcement())
    settings.GUIDELINE_FOLDER = str(tmp_path)
    try:
        apps.get_app_config("applications").ready()
        assert [version.id for version in catalogue.every()] == ["115-12-01"]
        assert "交易所：證券櫃檯買賣中心；" in run("check_guideline")
        with pytest.raises(CommandError, match="現有：115-12-01（"):
            call_command("diff_guideline", "112-10-03", "115-12-01", "--text-only")
        (tmp_path / "115-12-01.toml").unlink()
        with pytest.raises(CommandError, match="沒有任何版本檔"):
            call_command("check_guideline")
    finally:
        catalogue.use(catalogue.OURS)
