"""What a case has for its inspection pack: what was filed, its files by clause, the trail, an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import QuerySet, prefetch_related_objects
from django.template.loader import render_to_string

from accounts.models import User
from applications import documents, policy, trail
from applications.inspection.archive import CHUNK, Member, drawn, safe, text
from applications.models import Application, Attachment, Decision, EmergencyNotice, Event, Issued, Submission
from applications.printing import CHINESE, ORIGINAL
from guideline.catalogue import load

FORMAT = 1
CASE, EVENTS, ROWS_KEPT = "case.json", "trail/events.jsonl", "trail/rows.jsonl"
KEY = "heads/key.pub"
OTHER = "其他"  # the folder of files that no item cites
VERIFIER = Path(__file__).parent / "verify.py"
ROWS = 200  # events in one piece of the page
CUT = "<!-- rows -->"

Findings = Mapping[str, tuple[str, str]]


@dataclass(frozen=True)
class Filed:
    """A file of the case and where it lies in the pack; nowhere where it is lost or held by the scanner."""

    attachment: Attachment
    path: str
    items: tuple[str, ...]  # ids of those that cite it in what was filed


@dataclass(frozen=True)
class Pack:
    """The pack of a case for one person.

    Attributes:
        upto: the number of the last event that is in it.
        rows: the sealed rows (``trail.SEALED``) as they were at that event, the files among them.
        letters: what only the exchange's side can make; with the paths of ``paths`` among them.
        paths: kind and id of a row -> the member whose SHA-256 the row names.
        findings: what was found on the items of a submission, for its checklist.
        heads: the signed heads and the public key.
    """

    case: Application
    by: User
    at: datetime
    upto: int
    rows: Sequence[Any]
    letters: Sequence[Member] = ()
    paths: Mapping[str, str] = field(default_factory=dict)
    findings: Callable[[Submission], Findings | None] = field(default=lambda submission: None)
    heads: Sequence[Member] = ()

    @property
    def of_firm(self) -> bool:
        return self.by.firm is not None

    @cached_property
    def erased(self) -> frozenset[str]:
        """Kind and id of what retention has taken away."""
        found = self.events.filter(detail__has_key="erased").values_list("detail", flat=True)
        return frozenset(label for detail in found for label in detail["erased"])

    @cached_property
    def submissions(self) -> list[Submission]:
        found = [one for one in self.rows if isinstance(one, Submission)]
        return [one for one in found if f"submission:{one.pk}" not in self.erased]

    @cached_property
    def notice(self) -> EmergencyNotice | None:
        found = [one for one in self.rows if isinstance(one, EmergencyNotice)]
        return next((one for one in found if f"emergencynotice:{one.pk}" not in self.erased), None)

    @property
    def events(self) -> QuerySet[Event]:
        return Event.objects.filter(application=self.case, number__lte=self.upto).order_by("number")

    @cached_property
    def files(self) -> list[Filed]:
        """The files, each in the folder of the first clause that cites it."""
        cited: dict[str, dict[str, None]] = {}
        for submission in self.submissions:
            for item_id, proofs in submission.content["evidence"].items():
                for proof in proofs:
                    cited.setdefault(proof["sha256"], {})[item_id] = None
        found, folders = [], self._folders()
        for one in self.rows:
            if isinstance(one, Attachment):
                items = tuple(cited.get(one.sha256, ()))
                folder = folders.get(items[0], OTHER) if items else OTHER
                there = not one.stored.held and default_storage.exists(str(one.file.name))
                found.append(Filed(one, f"files/{folder}/{one.pk}-{safe(one.name)}" if there else "", items))
        return found

    def _folders(self) -> dict[str, str]:
        """Item id -> folder of its clause."""
        pages = self.case.version.sections
        return {item.id: safe(f"{page.id} {page.title.zh}") for page in pages for item in page.items}

    def members(self) -> Iterator[Member]:
        """All of it, in order."""
        yield from self._filed
        yield from self.letters
        for one in self.files:
            if one.path:
                yield stored(one.path, str(one.attachment.file.name), one.attachment.size)
        yield Member(EVENTS, self._lines)
        yield Member("trail/events.html", self._page)
        yield Member(ROWS_KEPT, self._kept)
        yield from self.heads
        yield text(CASE, trail.canonical(self._case()) + "\n")
        yield text("index.html", self._index())
        yield text("verify.py", VERIFIER.read_text())

    @property
    def weight(self) -> int:
        """Of all members, for the progress."""
        return sum(one.weight for one in (*self._filed, *self.letters)) + sum(
            one.attachment.size for one in self.files if one.path
        )

    @property
    def _filed(self) -> Iterator[Member]:
        """What was filed and what was issued of it; to the exchange the checklist with what was found besides."""
        if self.notice:
            yield text("notice/content.json", self.notice.payload)
        for one in self.submissions:
            folder = f"submissions/{one.number}"
            yield text(f"{folder}/content.json", one.payload)
            if (findings := self.findings(one)) is not None:
                version = load(one.content["version"])
                yield drawn(f"{folder}/findings.pdf", partial(documents.checklist_pdf, one.content, version, findings))
        for document in self.issued:
            yield stored(path_of(document), str(document.file.name), document.file.size)

    @cached_property
    def issued(self) -> list[Issued]:
        return [one for one in self.rows if isinstance(one, Issued) and one.file]

    def _kept(self) -> Iterator[bytes]:
        """What was sealed, as the seals have it, and where the bytes lie that it names."""
        paths = dict(self.paths) | {f"attachment:{one.attachment.pk}": one.path for one in self.files}
        paths |= {f"submission:{one.pk}": f"submissions/{one.number}/content.json" for one in self.submissions}
        paths |= {f"issued:{one.pk}": path_of(one) for one in self.issued}
        if self.notice:
            paths[f"emergencynotice:{self.notice.pk}"] = "notice/content.json"
        for row in self.rows:
            said = trail.kept(row)
            line: dict[str, Any] = {"row": said, "path": paths.get(f"{said['kind']}:{said['id']}", "")}
            if isinstance(row, Attachment) and row.stored.held:
                line["held"] = True  # by the scanner
            yield (trail.canonical(line) + "\n").encode()

    def _hidden(self, event: Event) -> bool:
        return self.of_firm and not event.shared

    def _lines(self) -> Iterator[bytes]:
        """The trail; of an event that is not for the firm, the hash of what it says."""
        for event in self.events.iterator(ROWS):
            said = trail.content(event)
            if self._hidden(event):
                said = {"number": event.number, "digest": trail.digest(trail.canonical(said))}
            line = said | {"previous": event.previous, "hash": event.hash}
            yield (trail.canonical(line) + "\n").encode()

    def _page(self) -> Iterator[bytes]:
        with ORIGINAL.tongue():
            head, _cut, foot = render_to_string("inspection/events.html", {"case": self.case, "cut": CUT}).partition(
                CUT
            )
        yield head.encode()
        batch: list[tuple[Event, bool, str]] = []
        for event in self.events.iterator(ROWS):
            hidden = self._hidden(event)
            detail = {} if hidden else {name: said for name, said in event.detail.items() if name != "seals"}
            batch.append((event, hidden, trail.canonical(detail) if detail else ""))
            if len(batch) == ROWS:
                yield self._rows(batch)
                batch = []
        yield self._rows(batch)
        yield foot.encode()

    @staticmethod
    def _rows(batch: Iterable[tuple[Event, bool, str]]) -> bytes:
        with ORIGINAL.tongue():
            return render_to_string("inspection/_events.html", {"rows": batch}).encode()

    def _case(self) -> dict[str, Any]:
        """What the verifier goes by."""
        last = self.events.last()
        return {
            "format": FORMAT,
            "id": self.case.pk,
            "number": self.case.number,
            "firm": {"name": self.case.firm.name, "broker_code": self.case.firm.broker_code},
            "kind": self.case.kind,
            "version": self.case.version_id,
            "made": {"at": trail.moment(self.at), "for": self.by.name},
            "chain": {"events": last.number if last else 0, "head": last.hash if last else trail.FIRST},
            "withheld": self.events.filter(shared=False).count() if self.of_firm else 0,
            "heads": [one.name for one in self.heads if one.name.endswith(".json")],
        }

    def _index(self) -> str:
        version = self.case.version
        with ORIGINAL.tongue():
            numbers = {item.id: item.number for page in version.sections for item in page.items}
            context = {
                "case": self.case,
                "kind": version.kind(self.case.kind).name,
                "status": self.case.get_status_display(),
                "at": self.at,
                "by": self.by,
                "of_firm": self.of_firm,
                "notice": self.notice,
                "submissions": self.submissions,
                "letters": [
                    *(path for path in map(path_of, self.issued) if path.startswith("letters/")),
                    *(one.name for one in self.letters),
                ],
                "files": [(one, [numbers.get(item, item) for item in one.items]) for one in self.files],
                "events": self.events.count(),
                "heads": len(self.heads),
            }
            return render_to_string("inspection/index.html", context)


def path_of(document: Issued) -> str:
    """Where a document that was issued lies in the pack."""
    name = document.what if document.language == CHINESE else f"{document.what}-{document.language}"
    if document.submission_number is not None:
        return f"submissions/{document.submission_number}/{name}.pdf"
    return "notice/notice.pdf" if document.what == Issued.What.NOTICE else f"letters/{name}-{document.part}.pdf"


def stored(name: str, file: str, size: int) -> Member:
    """A file of the storage."""
    return Member(name, partial(_chunks, file), size)


def _chunks(name: str) -> Iterator[bytes]:
    with default_storage.open(name, "rb") as data:
        yield from data.chunks(CHUNK)


def sealed(case: Application, *, by: User) -> list[Any]:
    """The sealed rows of a case that both sides may know; of its files those that this person may.

    To be read under the case's lock, with the number of its last event.
    """
    prefetch_related_objects([case], "submissions")
    files = []
    for one in Attachment.objects.filter(application=case).select_related("uploaded_by", "stored").order_by("pk"):
        one.application = case  # with its submissions, read once
        if by.firm is not None or policy.filed(one):
            files.append(one)
    issued = case.issued.exclude(what__in=Issued.OF_EXCHANGE if by.firm is not None else ())
    kinds: tuple[Any, ...] = (case.submissions, case.corrections, case.firm_notices, case.periods, issued)
    singles = (EmergencyNotice, Decision)
    rows = [row for kind in kinds for row in kind.order_by("pk")]
    return [*rows, *(row for kind in singles for row in kind.objects.filter(application=case)), *files]
