"""Two languages: the Vietnamese text is the message itself, translations/en/*.po says it in English.

Catalogues are read at the start of the process, so the repository holds no compiled file.
"""

import gettext as standard_gettext
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, current_app

LANGUAGES = ("vi", "en")
TRANSLATIONS = Path(__file__).parent / "translations"

Choice = Callable[[], str]


def install_language(app: Flask, choose: Choice) -> None:
    """Give templates `_`, `ngettext` and `language()`, and Python `gettext` below.

    Args:
        app: either listener's app.
        choose: the language of the request at hand, one of `LANGUAGES`.
    """
    catalogues = {language: load_catalogue(language) for language in LANGUAGES}
    app.extensions["kiosk_language"] = (catalogues, choose)
    environment = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    vars(environment)["install_gettext_callables"](gettext, ngettext, newstyle=True, pgettext=pgettext)
    app.add_template_global(current_language, "language")


def load_catalogue(language: str) -> standard_gettext.NullTranslations:
    """All of one language's catalogues in one; a message that none has stands for itself."""
    catalogue = standard_gettext.NullTranslations()
    for path in sorted((TRANSLATIONS / language).glob("*.po")):
        compiled = BytesIO()
        with path.open("rb") as source:
            write_mo(compiled, read_po(source, locale=language))
        compiled.seek(0)
        newer = standard_gettext.GNUTranslations(compiled)
        newer.add_fallback(catalogue)
        catalogue = newer
    return catalogue


def current_language() -> str:
    """The language of the request at hand."""
    choose: Choice = current_app.extensions["kiosk_language"][1]
    return choose()


def gettext(message: str) -> str:
    """The Vietnamese message in the language of the request."""
    return _catalogue().gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The message for that count; both forms are the same in Vietnamese."""
    return _catalogue().ngettext(singular, plural, count)


def pgettext(context: str, message: str) -> str:
    """A message whose English depends on where it stands."""
    return _catalogue().pgettext(context, message)


def _catalogue() -> standard_gettext.NullTranslations:
    catalogues: dict[str, standard_gettext.NullTranslations] = current_app.extensions["kiosk_language"][0]
    return catalogues[current_language()]
