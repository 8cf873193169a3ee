"""Whether requirements/*.txt still answer what pyproject.toml asks; `make lock` writes them anew."""

import re
import shlex
import tomllib
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


@cache
def locked() -> dict[str, list[str]]:
    """By lock file, what the script compiles it from."""
    script = (ROOT / "tests" / "lock-requirements").read_text(encoding="utf-8")
    return {name: shlex.split(words) for name, words in re.findall(r"^compile (\S+) (.*)$", script, re.MULTILINE)}


def asked(name: str) -> list[Requirement]:
    words, lines = locked()[name], list[str]()
    for option, value in pairwise(words):
        if option == "--group":
            lines += PROJECT["dependency-groups"][value]
        elif option == "--extra":
            lines += PROJECT["project"]["optional-dependencies"][value]
    if "pyproject.toml" in words:
        lines += PROJECT["project"]["dependencies"]
    for file in (word for word in words if word.endswith(".in")):
        lines += [line for line in (ROOT / file).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [Requirement(line) for line in lines]


def pins(name: str) -> dict[str, list[Version]]:
    """Each package's versions; more than one where they depend on the platform."""
    found: dict[str, list[Version]] = {}
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    for package, version in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", text, re.MULTILINE):
        found.setdefault(canonicalize_name(package), []).append(Version(version))
    return found


@pytest.mark.parametrize("name", locked())
def test_each_requirement_is_pinned_as_it_asks(name: str) -> None:
    requirements, pinned = asked(name), pins(name)
    assert requirements
    astray = {
        str(one): [str(version) for version in pinned.get(canonicalize_name(one.name), [])]
        for one in requirements
        if not pinned.get(canonicalize_name(one.name))
        or not all(one.specifier.contains(version) for version in pinned[canonicalize_name(one.name)])
    }
    assert astray == {}, "make lock"


def test_what_builds_this_package_is_pinned() -> None:
    builders = {canonicalize_name(Requirement(line).name) for line in PROJECT["build-system"]["requires"]}
    assert builders <= pins("build").keys()


def test_each_lock_file_is_written_by_the_script() -> None:
    assert {file.stem for file in (ROOT / "requirements").glob("*.txt")} == locked().keys()


@pytest.mark.parametrize("name", locked())
def test_each_pin_has_a_hash_and_names_no_host(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
