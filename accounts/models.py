"""User, Firm and Membership."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.enums import EXCHANGE_ROLES, FIRM_ROLES, Licence, Role, role_names
from accounts.identifiers import is_broker_code, is_business_number

ONE_PLACE = _("同一人不得同時任職於兩家證券商，或同時任職於證券商與交易所")


def check_broker_code(value: str) -> None:
    if not is_broker_code(value):
        raise ValidationError(_("證券商代號為四位英數字，例如 1020 或 9A00"))


def check_business_number(value: str) -> None:
    if not is_business_number(value):
        raise ValidationError(_("統一編號檢查碼不符，請核對八位數字"))


def check_licences(value: object) -> None:
    if not isinstance(value, list) or not value or set(value) - set(Licence.values):
        raise ValidationError(_("請至少選擇一項許可業務：經紀、自營、承銷"))


class Firm(models.Model):
    """A securities firm. ``licences`` bounds the business lines that it may ask for."""

    name = models.CharField(_("名稱"), max_length=100)
    name_en = models.CharField(_("英文名稱"), max_length=200, blank=True)
    broker_code = models.CharField(_("證券商代號"), max_length=4, validators=[check_broker_code])
    business_number = models.CharField(_("統一編號"), max_length=8, unique=True, validators=[check_business_number])
    licences = models.JSONField(_("許可業務"), default=list, validators=[check_licences])

    class Meta:
        verbose_name = verbose_name_plural = _("證券商")
        ordering = ("broker_code",)
        constraints = (models.UniqueConstraint(Lower("broker_code"), name="firm_broker_code_once"),)

    def __str__(self) -> str:
        return f"{self.broker_code} {self.shown_name}"

    @property
    def shown_name(self) -> str:
        """Its name in the language of the page; what is filed, printed or on record says ``name``."""
        return self.name_en if self.name_en and get_language() == "en" else self.name

    @property
    def short_name(self) -> str:
        """``shown_name`` without what all of them are, for narrow columns."""
        return self.shown_name.removesuffix("股份有限公司").removesuffix(" Co., Ltd.")


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who signs in with an e-mail address."""

    email = models.EmailField(_("電子郵件"), unique=True)
    name = models.CharField(_("姓名"), max_length=50)
    title = models.CharField(_("職稱"), max_length=50, blank=True)
    language = models.CharField(_("語言"), max_length=10, choices=settings.LANGUAGES, blank=True)  # "": not chosen yet
    digest = models.BooleanField(_("每日彙整為一封通知信"), default=False)
    first_steps_over = models.BooleanField(_("不再顯示第一次使用"), default=False)
    is_staff = models.BooleanField(_("可進入後台"), default=False)
    is_active = models.BooleanField(_("啟用"), default=True)
    sign_outs = models.PositiveIntegerField(default=0, editable=False)  # how often all sessions were ended at once
    date_joined = models.DateTimeField(_("建立時間"), default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = verbose_name_plural = _("使用者")

    def __str__(self) -> str:
        return self.name

    @property
    def display_name(self) -> str:
        return self.name

    @property
    def reads(self) -> str:
        """The language of mail to this person."""
        return self.language or settings.LANGUAGE_CODE

    @cached_property
    def _memberships(self) -> list[Membership]:
        return list(self.memberships.all())

    @cached_property
    def roles_held(self) -> tuple[str, ...]:
        """All roles of this person, the first given first; read once a request."""
        return tuple(membership.role for membership in self._memberships)

    @cached_property
    def roles(self) -> frozenset[str]:
        return frozenset(self.roles_held)

    @cached_property
    def firm(self) -> Firm | None:
        """The firm that this person works for; None for people of the exchange."""
        return next((m.firm for m in self._memberships if m.firm), None)

    @property
    def at_exchange(self) -> bool:
        return bool(self.roles & EXCHANGE_ROLES)

    def sign_out_everywhere(self) -> None:
        """No session that began before counts any more."""
        User.objects.filter(pk=self.pk).update(sign_outs=F("sign_outs") + 1)
        self.refresh_from_db(fields=["sign_outs"])

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session has to know: it ends with the password, and with ``sign_out_everywhere``."""
        known = f"{self.password} {self.sign_outs}"
        return salted_hmac("accounts.session", known, secret=secret, algorithm="sha256").hexdigest()

    @property
    def needs_second_factor(self) -> bool:
        """Whether one of the roles (``staff`` is who enters ``/admin/``) may be used only with a second factor."""
        held = self.roles | {"staff"} if self.is_staff else self.roles
        return not held.isdisjoint(settings.SECOND_FACTOR_ROLES)

    @property
    def role_names(self) -> str:
        return role_names(self.roles_held)


class MembershipManager(models.Manager["Membership"]):
    """A role is never read without its firm."""

    def get_queryset(self) -> models.QuerySet[Membership]:
        return super().get_queryset().select_related("firm")


class Membership(models.Model):
    """One role of one person. A person works for one firm or for the exchange, never both."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("使用者"))
    firm = models.ForeignKey(
        Firm, models.PROTECT, related_name="memberships", null=True, blank=True, verbose_name=_("證券商")
    )
    role = models.CharField(_("角色"), max_length=20, choices=Role.choices)

    objects = MembershipManager()

    class Meta:
        verbose_name = verbose_name_plural = _("角色")
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("user", "role"), name="membership_once"),
            models.CheckConstraint(
                condition=models.Q(role__in=sorted(FIRM_ROLES), firm__isnull=False)
                | models.Q(role__in=sorted(EXCHANGE_ROLES), firm__isnull=True),
                name="membership_role_fits_firm",
            ),
        )

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Who has another role signs in anew."""
        super().save(*args, **kwargs)
        self.user.sign_out_everywhere()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted = super().delete(*args, **kwargs)
        self.user.sign_out_everywhere()
        return deleted

    def clean(self) -> None:
        others = Membership.objects.filter(user=self.user_id).exclude(pk=self.pk)
        if any(other.firm_id != self.firm_id for other in others):
            raise ValidationError(ONE_PLACE)


class Counter(models.Model):
    """How often somebody tried (``ACCOUNT_RATE_LIMITS``), in whichever process: Django's cache writes these rows."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "accounts_counter"

    def __str__(self) -> str:
        return self.cache_key
