"""``manage.py import_draft FILE --firm CODE --by EMAIL``: a file becomes a draft (docs/draft-format.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Firm, User
from applications import content
from applications.actions.drafting import NotOpen
from applications.portable.archive import opened
from applications.portable.importing import Faulty, import_draft
from applications.uploads import Refused


class Command(BaseCommand):
    help = "將草稿檔（ZIP）匯入為證券商之草稿；有任何錯誤即不匯入"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.zip")
        parser.add_argument("--firm", required=True, metavar="BROKER_CODE", help="證券商代號")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="該證券商之填報人")

    def handle(self, *args: Any, **options: Any) -> None:
        path, at = options["file"], timezone.now()
        try:
            firm = Firm.objects.get(broker_code__iexact=options["firm"])
            by = User.objects.get_by_natural_key(options["by"])
            with opened(path) as archive:
                case = import_draft(archive=archive, firm=firm, by=by, at=at)
        except (Firm.DoesNotExist, User.DoesNotExist, NotOpen) as error:
            raise CommandError(f"{options['by']} 不是證券商 {options['firm']} 之填報人") from error
        except OSError as error:
            raise CommandError(f"無法讀取 {path}：{error.strerror}") from error
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        except Faulty as faulty:
            for fault in faulty.faults:
                self.stderr.write(str(fault))
            raise CommandError(f"{len(faulty.faults)} 處有誤，未匯入任何資料") from faulty
        whole = content.read(case, today=timezone.localdate(at))
        open_pages = sum(1 for problems in whole.problems.values() if problems)
        self.stdout.write(
            f"已建立{case}（{case.get_absolute_url()}）：{len(whole.pages)} 節中 {open_pages} 節尚待補正或填寫"
        )
