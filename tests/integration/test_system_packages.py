"""The script that installs system packages, with the real apt and dpkg in a root folder of their own."""

import fcntl
import hashlib
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "tests" / "install-system-packages"
WANTED = ("make", "python3", "python3-venv")
"""What the list `start` names."""

APT = """
Dir "{root}";
Dir::State::status "{root}/var/lib/dpkg/status";
APT::Sandbox::User "root";
DPkg::Options {{ "--root={root}"; "--force-not-root"; "--force-script-chrootless"; "--log={root}/dpkg.log"; }};
"""
SUDO = '#!/bin/sh\nexec "$@"\n'
FOLDERS = (
    *("etc/apt/apt.conf.d", "etc/apt/preferences.d", "var/log/apt", "var/cache/apt/archives/partial"),
    *("var/lib/apt/lists/partial", "var/lib/dpkg/info", "var/lib/dpkg/updates"),
)
LOCKS = ["var/lib/apt/lists/lock", "var/lib/dpkg/lock-frontend", "var/lib/dpkg/lock", "var/cache/apt/archives/lock"]


def package(folder: Path, name: str) -> str:
    """An empty package, and its entry in the archive's list."""
    control = f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: nobody\nDescription: empty\n"
    (folder / name / "DEBIAN").mkdir(parents=True)
    (folder / name / "DEBIAN" / "control").write_text(control)
    (folder / name / "DEBIAN").chmod(0o755)
    subprocess.run(["dpkg-deb", "--build", name, f"{name}.deb"], cwd=folder, check=True, capture_output=True)
    made = (folder / f"{name}.deb").read_bytes()
    return f"{control}Filename: ./{name}.deb\nSize: {len(made)}\nSHA256: {hashlib.sha256(made).hexdigest()}\n"


@pytest.fixture
def host(tmp_path: Path) -> Path:
    """Where apt and dpkg believe that nothing is installed, and an archive has what is wanted."""
    for folder in FOLDERS:
        (tmp_path / folder).mkdir(parents=True)
    for file in [*LOCKS, "var/lib/dpkg/status", "var/lib/dpkg/available"]:
        (tmp_path / file).touch()
    archive, settings = tmp_path / "archive", tmp_path / "etc" / "apt"
    archive.mkdir()
    (archive / "Packages").write_text("\n".join(package(archive, name) for name in WANTED))
    (settings / "sources.list").write_text(f"deb [trusted=yes] file:{archive} ./\n")
    (settings / "own.conf").write_text(APT.format(root=tmp_path))
    (tmp_path / "sudo").write_text(SUDO)
    (tmp_path / "sudo").chmod(0o755)
    return tmp_path


def installing(host: Path, **environment: str) -> subprocess.Popen[str]:
    own = {"APT_CONFIG": str(host / "etc/apt/own.conf"), "DPKG_ADMINDIR": str(host / "var/lib/dpkg")}
    path = f"{host}:{os.environ['PATH']}:/usr/sbin:/sbin"
    return subprocess.Popen(
        [SCRIPT, "start"],
        env=os.environ | own | {"PATH": path} | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@contextmanager
def held(lock: Path) -> Iterator[None]:
    """As apt and dpkg hold it."""
    with lock.open("r+") as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def installed(host: Path) -> set[str]:
    listed = ["dpkg-query", f"--admindir={host}/var/lib/dpkg", "--show", "--showformat=${Package} ${Status}\n"]
    lines = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()
    return {line.split()[0] for line in lines if line.endswith("install ok installed")}


def test_what_is_missing_is_named_and_installed_and_a_second_time_there_is_nothing_to_do(host: Path) -> None:
    with installing(host) as script:
        said, _ = script.communicate()
    assert (script.returncode, installed(host)) == (0, set(WANTED)), said
    assert said.splitlines()[0].endswith("missing: make python3 python3-venv")
    with installing(host) as script:
        said, _ = script.communicate()
    assert (script.returncode, said) == (0, "")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_of_another_process_is_waited_for_with_a_word(host: Path, lock: str) -> None:
    with installing_beside(host, lock) as script:
        assert script.stdout
        said = next(line for line in script.stdout if "waiting" in line)
        assert Path(lock).name in said or "is another process using it" in said
        assert installed(host) == set()
    assert (script.returncode, installed(host)) == (0, set(WANTED))


@contextmanager
def installing_beside(host: Path, lock: str) -> Iterator[subprocess.Popen[str]]:
    """The script beside another process, which ends its work when the block does; then the script ends, too."""
    with held(host / lock):
        script = installing(host)
        yield script
    script.communicate(timeout=120)


def test_a_lock_that_is_never_let_go_ends_it_with_its_name(host: Path) -> None:
    with held(host / LOCKS[0]), installing(host, LOCK_SECONDS="2") as script:
        said, _ = script.communicate(timeout=120)
    assert script.returncode == 1
    assert "Given up after 2 s" in said.splitlines()[-1]
    assert LOCKS[0] in said.splitlines()[-1]


def test_what_no_waiting_mends_is_said_at_once(host: Path) -> None:
    (host / "archive" / "Packages").write_text("")
    with installing(host) as script:
        said, _ = script.communicate(timeout=120)
    assert script.returncode == 1
    assert "Unable to locate package" in said
    assert "waiting" not in said
