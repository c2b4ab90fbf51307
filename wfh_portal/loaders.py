"""Templates without their indentation: it is for who writes them, and is a fifth of what a browser would be sent."""

from __future__ import annotations

import re

from django.template import Origin
from django.template.loaders import app_directories, filesystem

INDENT = re.compile(r"\n[ \t]+")
COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}\n?", re.DOTALL)
# a line of nothing but these says nothing itself; the line break before it stays
TAGS = r"(?:if|elif|else|endif|for|empty|endfor|with|endwith|load|include)\b[^%]*|[^%]* as \w+ "
STEPS = re.compile(rf"^((?:{{% (?:{TAGS})%}})+)\n", re.MULTILINE)


class Filesystem(filesystem.Loader):
    """As Django's; of an HTML template the white space at the beginning of lines is left out, never that of a value."""

    def get_contents(self, origin: Origin) -> str:
        return narrow(origin, super().get_contents(origin))


class AppDirectories(app_directories.Loader):
    """The same, for templates inside of packages."""

    def get_contents(self, origin: Origin) -> str:
        return narrow(origin, super().get_contents(origin))


def narrow(origin: Origin, source: str) -> str:
    if not str(origin.name).endswith(".html"):
        return source
    return STEPS.sub(r"\1", COMMENT.sub("", INDENT.sub("\n", source)))
