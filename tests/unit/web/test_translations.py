"""Every Vietnamese message has its English, and no English is left of a message that is gone."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from kiosk.web.language import gettext, install_language, load_catalogue, ngettext, pgettext

WEB = Path(__file__).parents[3] / "kiosk" / "web"
CATALOGUES = sorted((WEB / "translations" / "en").glob("*.po"))
METHODS = [("**/templates/**.html", "jinja2"), ("**.py", "python")]

Key = tuple[str | None, str]
Words = str | list[str] | tuple[str, ...] | None


def forms(words: Words) -> list[str]:
    return [words] if isinstance(words, str) else list(words or [""])


def first(words: Words) -> str:
    return forms(words)[0]


def in_the_source() -> dict[Key, Words]:
    found = extract_from_dir(WEB, METHODS, {"**/templates/**.html": {"extensions": "jinja2.ext.i18n"}})
    return {(context, first(words)): words for _, _, words, _, context in found}


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as source:
        return read_po(source, locale="en")


def in_the_catalogues() -> dict[Key, list[Words]]:
    found: dict[Key, list[Words]] = {}
    for path in CATALOGUES:
        for message in catalogue(path):
            if message.id:
                found.setdefault((message.context, first(message.id)), []).append(message.string)
    return found


def test_every_message_is_said_in_english() -> None:
    assert in_the_source().keys() - in_the_catalogues().keys() == set()


def test_nobody_is_shouted_at() -> None:
    said = [words for key, strings in in_the_catalogues().items() for words in (key[1], *map(first, strings))]
    assert [words for words in said if "!" in words] == []


def test_no_english_is_left_over() -> None:
    assert in_the_catalogues().keys() - in_the_source().keys() == set()


def test_two_catalogues_say_the_same_message_alike() -> None:
    assert [key for key, said in in_the_catalogues().items() if any(one != said[0] for one in said)] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_nothing_is_empty_doubtful_or_broken(path: Path) -> None:
    for message in catalogue(path):
        said = forms(message.string)
        if message.id:
            assert all(said), message.id
            assert not message.fuzzy, message.id
            wanted = set(re.findall(r"%\(\w+\)s", first(message.id)))
            assert all(set(re.findall(r"%\(\w+\)s", one)) == wanted for one in said), message.id


def test_a_message_without_english_stands_for_itself() -> None:
    assert load_catalogue("en").gettext("Không có câu này") == "Không có câu này"


@pytest.mark.parametrize(
    ("language", "one", "many", "day"), [("vi", "người", "người", "Ngày"), ("en", "person", "people", "Day")]
)
def test_python_speaks_the_language_of_the_request(language: str, one: str, many: str, day: str) -> None:
    app = Flask(__name__)
    install_language(app, lambda: language)
    words = "Trước ông/bà còn %(count)s người."
    with app.test_request_context():
        assert one in ngettext(words, words, 1)
        assert many in ngettext(words, words, 2)
        assert pgettext("date of birth", "Ngày") == day
        assert (gettext("Xong") == "Xong") is (language == "vi")
