"""The case as the firm writes it."""

from __future__ import annotations

from json import JSONEncoder
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Firm
from applications.enums import CAME_TO_NOTHING, HELD, UNSETTLED, Carry, Mark, Scan, Status
from guideline.catalogue import Section as Page
from guideline.catalogue import Version, load

USER = settings.AUTH_USER_MODEL


class AsWritten(JSONEncoder):
    """JSON with its characters as they are: \\uXXXX makes Chinese seven bytes of SQL each, read twice by the server."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs | {"ensure_ascii": False})


class Application(models.Model):
    """One case. Only ``lifecycle.move`` writes ``status``.

    ``revision`` grows with every move; a page carries the one that it was drawn from.
    ``lines``, ``first_day``, ``last_day`` and ``staff_at_home`` repeat what the firm
    wrote, so that lists and rules need not open the sections. ``previous`` is the case that this one follows (an
    extension, an added line, a renewal) or was made from (a pre-review); ``opened`` the sections of it that the
    firm says have changed. ``number`` and ``submitted_at`` are given with the first filing, or with the notice.
    ``destroyed_at``: its content has gone by the rule of retention, what is left says that it was.
    """

    firm = models.ForeignKey(Firm, models.PROTECT, related_name="applications")
    kind = models.CharField(_("申請類型"), max_length=20)
    version_id = models.CharField(_("指引版本"), max_length=40)
    number = models.CharField(_("案號"), max_length=20, unique=True, null=True, blank=True)
    status = models.CharField(_("狀態"), max_length=20, choices=Status.choices, default=Status.DRAFT)
    revision = models.PositiveIntegerField(default=0)
    document_number = models.CharField(_("公司文號"), max_length=40, blank=True)
    previous = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="following")
    opened = models.JSONField(default=list)
    lines = models.JSONField(default=list)
    first_day = models.DateField(_("起日"), null=True, blank=True)
    last_day = models.DateField(_("迄日"), null=True, blank=True)
    staff_at_home = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    prepared_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    signed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    officer = models.ForeignKey(USER, models.PROTECT, related_name="+", null=True, blank=True)
    destroyed_at = models.DateTimeField(_("銷毀時間"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("申請案")
        ordering = ("-changed_at", "-id")
        indexes = (
            models.Index(fields=("status", "-changed_at", "-id"), name="case_by_status"),
            models.Index(fields=("firm", "-changed_at", "-id"), name="case_by_firm"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(signed_by__isnull=True) | ~models.Q(signed_by=models.F("prepared_by")),
                name="case_signed_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_by__isnull=True, signed_at__isnull=True)
                | models.Q(signed_by__isnull=False, signed_at__isnull=False, prepared_by__isnull=False),
                name="case_signed_who_and_when",
            ),
            models.UniqueConstraint(
                fields=("previous",),
                condition=models.Q(kind="extension") & ~models.Q(status__in=sorted(CAME_TO_NOTHING)),
                name="case_extended_once",
            ),
            models.CheckConstraint(
                condition=models.Q(number__isnull=True, submitted_at__isnull=True)
                | models.Q(number__isnull=False, submitted_at__isnull=False),
                name="case_number_with_submission",
            ),
        )

    def __str__(self) -> str:
        return self.number or f"{_('草稿')} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("case", args=[self.pk])

    @property
    def version(self) -> Version:
        return load(self.version_id)

    @property
    def pages(self) -> tuple[Page, ...]:
        """The pages that are asked of this case, in order: those of the notice alone until it is given."""
        return self.version.pages(self.kind, self.lines, self.opened, noticing=self.noticing)

    @property
    def noticing(self) -> bool:
        """Whether this is a notice that has not been given yet (clause 2.1.1)."""
        return self.number is None and self.version.kind(self.kind).by_notice

    @property
    def inherits(self) -> bool:
        """Whether what is not asked stands as it was filed in the case before."""
        return self.previous_id is not None and self.version.kind(self.kind).own_pages

    @property
    def for_opinion(self) -> bool:
        """Whether this is a pre-review: it gives no right and starts no clock."""
        return self.version.kind(self.kind).for_opinion

    @property
    def from_pre_review(self) -> bool:
        """Whether this is a formal case that was made from a pre-review. One query where ``previous`` is not read."""
        return self.previous is not None and not self.for_opinion and self.previous.for_opinion

    @property
    def status_tone(self) -> str:
        return Status(self.status).tone


class Section(models.Model):
    """What the firm wrote on one page: item id -> field -> value, as typed where it could not be read."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="sections")
    section_id = models.CharField(max_length=20)
    answers = models.JSONField(default=dict, encoder=AsWritten)
    mark = models.CharField(max_length=10, choices=Mark.choices, default=Mark.EMPTY, blank=True)
    carry = models.CharField(max_length=10, choices=Carry.choices, default=Carry.NONE, blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("application", "section_id"), name="section_once"),)

    def __str__(self) -> str:
        return self.section_id


class RosterEntry(models.Model):
    """One person of the case's roster, as filed (2.2.2). Never a home address."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="roster")
    position = models.PositiveIntegerField()
    staff_no = models.CharField(_("員工編號"), max_length=50)
    name = models.CharField(_("姓名"), max_length=100)
    department = models.CharField(_("部門"), max_length=100, blank=True)
    title = models.CharField(_("職稱"), max_length=100, blank=True)
    branch = models.CharField(_("分支機構代號"), max_length=20, blank=True)
    lines = models.JSONField(_("業務項目"), default=list)
    place = models.CharField(_("辦公方式"), max_length=10)
    agents = models.JSONField(_("代理人"), default=list)
    senior = models.BooleanField(_("是否高階經理人"), default=False)
    supervisor = models.BooleanField(_("是否監理人員"), default=False)
    device = models.CharField(_("設備編號"), max_length=50, blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("application", "staff_no"), name="roster_staff_once"),)

    def __str__(self) -> str:
        return self.staff_no


class StoredFile(models.Model):
    """Bytes that are kept, once, for however many attachments; its row lock guards them.

    ``tried_at`` is when they were last handed to the scanner, ``scanned_at`` when it answered.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    file = models.FileField(max_length=200)
    scan = models.CharField(_("掃描"), max_length=10, choices=Scan.choices, default=Scan.NONE, blank=True)
    signature = models.CharField(_("惡意程式名稱"), max_length=200, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    scanned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("-scan", "tried_at", "id"),
                condition=models.Q(scan__in=sorted(UNSETTLED)),
                name="stored_file_unsettled",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(scan__in=sorted(UNSETTLED), scanned_at__isnull=True)
                | (~models.Q(scan__in=sorted(UNSETTLED)) & models.Q(scanned_at__isnull=False)),
                name="stored_file_scanned_when",
            ),
            models.CheckConstraint(
                condition=models.Q(scan=Scan.FOUND) ^ models.Q(signature=""), name="stored_file_found_what"
            ),
        )

    def __str__(self) -> str:
        return self.sha256

    @property
    def path(self) -> str:
        """Where the storage keeps it."""
        return str(self.file.name)

    @property
    def held(self) -> bool:
        """Whether nobody gets these bytes: the scanner has not passed them yet, or found something."""
        return self.scan in HELD


class Attachment(models.Model):
    """A file of a case. Replaced, never overwritten: the old one points to the new."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="attachments")
    name = models.TextField(_("檔名"))
    stored = models.ForeignKey(StoredFile, models.PROTECT, related_name="attachments")
    file = models.FileField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    pages = models.PositiveIntegerField(null=True, blank=True)
    text_layer = models.BooleanField(null=True, blank=True)
    uploaded_by = models.ForeignKey(USER, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="supersedes")

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class Citation(models.Model):
    """Evidence for an item: a file and the place in it (a page, pages, a sheet and cell, a section)."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="citations")
    item_id = models.CharField(max_length=20)
    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="citations")
    place = models.CharField(_("頁次或位置"), max_length=100, blank=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.item_id} {self.place}"
