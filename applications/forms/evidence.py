"""The evidence part of a section's page: new files, files used again, places changed.

What is sent here is kept at once, even where the rest of the page has to wait: evidence
is added, never overwritten. What exists already is changed only with the page itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.http import Request
from applications.actions.evidence import change_citation, cite, keep, replace
from applications.evidence import Refused
from applications.facts import files_of
from applications.forms.fields import tidy, whole_number
from applications.models import Application, Attachment, Citation
from applications.present import about
from guideline.catalogue import Item, Section


class NewEvidence:
    """What a POST adds to the items of a page that are open; ``bringing`` as ``brings_evidence`` says.

    Attributes:
        problems: what could not be taken, as lines of the error summary.
        waiting: item id -> a place that was typed for a file that did not come (with it).
    """

    def __init__(self, page: Section, allowed: frozenset[str], request: Request, *, bringing: bool) -> None:
        self.request, self.bringing = request, bringing
        self.items = [item for item in page.items if item.id in allowed]
        self.problems: list[dict[str, str]] = []
        self.waiting: dict[str, str] = {}
        self._found: dict[str, list[int]] = {}  # item id -> files to cite
        self._cited: set[str] = set()
        self._instead: dict[int, int] = {}  # citation -> the file that is to take the place of its own

    def keep(self, case_id: int) -> None:
        """Put the uploaded files among those of the case.

        Raises:
            NotOpen: as for ``actions.evidence.keep``.
        """
        for item in self.items:
            if self.bringing:
                self._keep_instead(case_id, item)
            chosen = [whole_number(one) for one in self.request.POST.getlist(f"ev-{item.id}-use") if one]
            found = self._found[item.id] = list(chosen)
            uploads = self.request.FILES.getlist(f"ev-{item.id}-file")
            kept = [self._keep(case_id, item, upload) for upload in uploads]
            found += [file.pk for file in kept if file]
            if (place := self._place(item.id)) and not found:
                self.waiting[item.id] = place
                if not uploads:
                    self._say(item, _("已填寫頁次或位置，但沒有選擇檔案；請選擇檔案，或清除頁次"))

    def _keep(self, case_id: int, item: Item, upload: UploadedFile) -> Attachment | None:
        try:
            return keep(case_id=case_id, item_id=item.id, upload=upload, by=self.request.user, at=timezone.now())
        except Refused as refused:
            self._say(item, _(refused.message).format(**refused.params))
            return None

    def _keep_instead(self, case_id: int, item: Item) -> None:
        """Files that are to take the place of those that the item cites: ``cite-…-file``, or kept before, ``-with``."""
        for pk in Citation.objects.filter(application=case_id, item_id=item.id).values_list("pk", flat=True):
            if upload := self.request.FILES.get(f"cite-{pk}-file"):
                if file := self._keep(case_id, item, upload):
                    self._instead[pk] = file.pk
            elif chosen := self.request.POST.get(f"cite-{pk}-with"):
                self._instead[pk] = whole_number(chosen)

    def cite(self, case_id: int, *, reopen: bool) -> None:
        """Cite them, and the files of the case that were chosen; put new files in the place of old ones.

        Raises:
            NotOpen, Conflict: as for ``actions.evidence.cite``.
        """
        for citation_id, pk in list(self._instead.items()):
            with suppress(Attachment.DoesNotExist, Citation.DoesNotExist):  # a colleague has just taken it off
                replace(
                    case_id=case_id,
                    citation_id=citation_id,
                    attachment_id=pk,
                    by=self.request.user,
                    at=timezone.now(),
                    reopen=reopen,
                )
            del self._instead[citation_id]
        for item in self.items:
            for pk in self._found[item.id]:
                try:
                    cite(
                        case_id=case_id,
                        item_id=item.id,
                        by=self.request.user,
                        at=timezone.now(),
                        attachment_id=pk,
                        place=self._place(item.id),
                        reopen=reopen,
                    )
                except Attachment.DoesNotExist:
                    self._say(item, _("所選檔案不在本案的檔案中，請重新選擇"))
            self._cited.add(item.id)

    def to_send_again(self, typed: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """What was typed, with the files that are kept in the place of the uploads, less what is cited already."""
        done = {f"ev-{item}-use" for item in self._found}
        done |= {f"ev-{item}-place" for item in self._cited if item not in self.waiting}
        done |= {f"cite-{pk}-with" for pk in self._instead}
        again = [(name, value) for name, value in typed if name not in done]
        again += [(f"cite-{pk}-with", str(file)) for pk, file in self._instead.items()]
        return again + [
            (f"ev-{item}-use", str(pk)) for item, kept in self._found.items() if item not in self._cited for pk in kept
        ]

    def _place(self, item_id: str) -> str:
        return tidy(self.request.POST.get(f"ev-{item_id}-place", "")).strip()

    def _say(self, item: Item, text: str) -> None:
        self.problems.append({"href": f"#ev-{item.id}-file", "message": about(item, text)})


def brings_evidence(request: Request) -> bool:
    """Whether a POST uploads a file or names one of the case to be cited."""
    return bool(request.FILES) or any(
        request.POST[name]
        for name in request.POST
        if name.startswith(("ev-", "cite-")) and name.endswith(("-use", "-with"))
    )


def change_places(case: Application, page: Section, request: Request) -> None:
    """Name other places, or take evidence off, as the page says; call after its text was saved.

    ``cite-…-was`` is the place that the page showed: one that was not touched stays as it is now.

    Raises:
        NotOpen, Conflict: as for ``actions.evidence.change_citation``.
    """
    items = {item.id for item in page.items}
    if not any(name.startswith("cite-") for name in request.POST):
        return
    for citation in files_of(case).citations:
        name = f"cite-{citation.id}"
        place = request.POST.get(f"{name}-place")
        if citation.item_id not in items or place is None:
            continue
        place, was = tidy(place).strip(), tidy(request.POST.get(f"{name}-was", citation.place)).strip()
        remove = f"{name}-remove" in request.POST
        if not remove and place == was:
            continue
        try:
            change_citation(
                case_id=case.pk,
                citation_id=citation.id,
                by=request.user,
                at=timezone.now(),
                place=place,
                remove=remove,
            )
        except Citation.DoesNotExist:  # a colleague has just taken it off
            continue
