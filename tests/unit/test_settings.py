import tomllib
from pathlib import Path

import msgspec
import pytest

from kiosk.errors import ConfigurationError
from kiosk.settings import Settings, load_settings
from kiosk.settings.sections import ClinicSettings
from tests.support.one_clinic import ONE_CLINIC

EXAMPLE = Path(__file__).parents[2] / "config" / "kiosk.example.toml"


def keys_of(struct: type[msgspec.Struct], prefix: str = "") -> set[str]:
    keys = set()
    for field in msgspec.structs.fields(struct):
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            keys |= keys_of(field.type, f"{field.name}.")
        else:
            keys.add(prefix + field.name)
    return keys


def keys_in(table: dict[str, object], prefix: str = "") -> set[str]:
    keys = set()
    for name, value in table.items():
        keys |= keys_in(value, f"{name}.") if isinstance(value, dict) else {prefix + name}
    return keys


def test_every_setting_stands_in_the_example_and_nothing_else() -> None:
    example = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))
    assert keys_in(example) == keys_of(Settings) - {"clinics"}


def test_the_example_shows_the_defaults() -> None:
    assert msgspec.convert(tomllib.loads(EXAMPLE.read_text(encoding="utf-8")), Settings) == Settings()


def test_a_file_that_was_cut_off_is_refused_by_name(tmp_path: Path) -> None:
    """An empty file is well-formed, and its defaults would begin another database on another port."""
    file = tmp_path / "kiosk.toml"
    for text in ("", "mode = 'demo'\n", "[web]\npatient_port = 9080\n", EXAMPLE.read_text(encoding="utf-8")):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError, match=rf"{file}: has no \[\[clinics\]\]"):
            load_settings(file)
    file.write_text(ONE_CLINIC, encoding="utf-8")
    assert [clinic.id for clinic in load_settings(file).clinics] == ["noi-tiet"]


def test_every_key_of_a_clinic_stands_in_the_example() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert all(f"# {field.name} = " in text for field in msgspec.structs.fields(ClinicSettings))


def test_every_line_of_the_example_says_what_it_means() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    settings = [line for line in lines if " = " in line and not line.startswith("#")]
    said_above = ("station_failure_minutes", "url = ")
    assert [line for line in settings if "  # " not in line and not line.startswith(said_above)] == []


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1", "colour"),
        ("[web]\ncolour = 1", "colour"),
        ("[web]\nthreads = 'many'", "threads"),
        ("[hospital]\ntimezone = 'Asia/Saigon-2'", "time zone"),
        ("[hospital]\ncode_pattern = '['", "code_pattern"),
        ("[hospital]\ncode_pattern = '[0-9]{12}'", "citizen or insurance"),
        ("[hospital]\ncode_pattern = '[A-Z0-9]+'", "citizen or insurance"),
        ("[hospital]\ncode_pattern = '2026[0-9]{6}'", "citizen or insurance"),
        ("[hospital]\ncode_pattern = '[1-9][0-9]{9}'", "citizen or insurance"),
        ("[hospital]\ncode_pattern = '([0-9])\\1{7}'", "plain regular expression"),
        ("[station]\nid = 'Kiosk Một'", "id"),
        ("[station]\nmm_per_pixel = 5.0", "mm_per_pixel"),
        ("[record]\nkind = 'fhir'\nurl = 'http://his.example/fhir'", "https://"),
        ("[[clinics]]\nid='reception'\nname='a'\nname_en='a'\nroom='1'\nreference='Location/1'", "reception"),
        ("mode = ", "Invalid value"),
    ],
)
def test_a_wrong_setting_is_refused_by_name(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=named):
        load_settings(file)


@pytest.mark.parametrize(
    ("section", "url", "instead"),
    [
        ("database", "postgresql://kiosk:invented@db.example/kiosk", "database-password"),
        ("database", "postgresql+psycopg://kiosk:in/ven?ted@db.example/kiosk", "database-password"),
        ("database", "postgresql://kiosk@db.example/kiosk?password=invented", "database-password"),
        ("database", "postgresql://kiosk@db.example/kiosk?sslpassword=invented", "database-password"),
        ("redis", "redis://:invented@127.0.0.1:6379/0", "redis-password"),
        ("redis", "rediss://kiosk:invented@redis.example:6379/0", "redis-password"),
        ("redis", "unix://kiosk:invented@/run/redis/redis-server.sock", "redis-password"),
        ("redis", "unix:///run/redis/redis-server.sock?db=0&password=invented", "redis-password"),
        ("record", "https://kiosk:invented@his.example/fhir", "record-token"),
        ("record", "https://invented@his.example/fhir", "record-token"),
    ],
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(
    tmp_path: Path, section: str, url: str, instead: str
) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(f"[{section}]\nurl = '{url}'", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=rf"{section}\.url: .*{instead}") as refused:
        load_settings(file)
    assert "invented" not in str(refused.value)


@pytest.mark.parametrize(
    ("section", "url"),
    [
        ("database", "postgresql://kiosk@db.example:5432/kiosk"),
        ("database", "postgresql+psycopg://kiosk@/kiosk?host=/run/postgresql&passfile=/etc/kiosk/pgpass"),
        ("redis", "redis://127.0.0.1:6379/0"),
        ("redis", "unix:///run/redis/redis-server.sock?db=1"),
        ("record", "https://his.example:8443/fhir/@tenant"),
    ],
)
def test_an_address_without_a_secret_is_taken(tmp_path: Path, section: str, url: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(f"[{section}]\nurl = '{url}'{ONE_CLINIC}", encoding="utf-8")
    assert getattr(load_settings(file), section).url == url


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.toml"):
        load_settings(tmp_path / "nowhere.toml")


@pytest.mark.parametrize(
    "text",
    [
        "mode = 'demo'\n[record]\nkind = 'fhir'\nurl = 'https://his.example/fhir'",
        "mode = 'demo'\n[record]\nfolder = '/srv/his/record'",
        "mode = 'demo'\n[database]\nurl = 'postgresql+psycopg://kiosk@db/kiosk'",
    ],
)
def test_the_demo_refuses_real_patients_data(tmp_path: Path, text: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="demo refuses"):
        load_settings(file)


@pytest.mark.parametrize("kind", ["simulated", "simulated:", "simulated:/dev/null"])
@pytest.mark.parametrize("device", ["camera", "scanner", "printer", "card_reader"])
def test_production_refuses_simulated_devices(tmp_path: Path, device: str, kind: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(f"[station]\n{device} = '{kind}'", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="simulated devices are for mode = 'demo'"):
        load_settings(file)


@pytest.mark.parametrize("name", ["Virtual PCD 00 00", "Virtual PCD", "virtual pcd 00 01"])
def test_production_refuses_a_virtual_card_reader(tmp_path: Path, name: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(f"[station]\ncard_reader = '{name}'", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="virtual card reader is for mode = 'demo'"):
        load_settings(file)


def test_the_demo_refuses_a_virtual_card_reader_beside_a_real_camera(tmp_path: Path) -> None:
    file = tmp_path / "kiosk.toml"
    text = f"mode = 'demo'\n[station]\ncard_reader = 'Virtual PCD 00 00'\ncamera = '{{}}'{ONE_CLINIC}"
    file.write_text(text.format("simulated"), encoding="utf-8")
    assert load_settings(file).station.virtual_card_reader
    file.write_text(text.format("/dev/v4l/by-id/usb-camera"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="beside a real camera"):
        load_settings(file)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[face]\nattack_detection = 'simulated'", "is for mode = 'demo'"),
        (
            "mode = 'demo'\n[face]\nattack_detection = 'simulated'\n[station]\ncamera = '/dev/v4l/by-id/usb-1'",
            "beside a real camera",
        ),
        (
            "mode = 'demo'\n[face]\nenabled = true\nattack_detection = 'simulated'\n[paths]\ndata = '/srv/demo'",
            "beside a trust folder",
        ),
        (
            "mode = 'demo'\n[face]\nenabled = true\nattack_detection = 'simulated'\n[record]\nfolder = '/srv/his'",
            "demo refuses a record",
        ),
    ],
)
def test_simulated_attack_detection_is_refused_beside_anything_real(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=named):
        load_settings(file)


def test_a_credential_is_read_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "record-token").write_text("abc\n", encoding="utf-8")
    settings = msgspec.convert({"paths": {"credentials": str(tmp_path)}}, Settings)
    assert settings.credential("record-token") == "abc"
    assert settings.credential("staff-key") is None


def test_an_empty_credential_is_refused(tmp_path: Path) -> None:
    """Cut off by a power cut, it would pass for one that nobody wanted."""
    (tmp_path / "sealing-key").write_text("\n", encoding="utf-8")
    settings = msgspec.convert({"paths": {"credentials": str(tmp_path)}}, Settings)
    with pytest.raises(ConfigurationError, match="sealing-key is empty"):
        settings.credential("sealing-key")


def test_an_unreadable_credential_is_named(tmp_path: Path) -> None:
    (tmp_path / "record-token").write_bytes(b"\xff\xfe")
    settings = msgspec.convert({"paths": {"credentials": str(tmp_path)}}, Settings)
    with pytest.raises(ConfigurationError, match="record-token"):
        settings.credential("record-token")


@pytest.mark.parametrize("host", ["127.0.0.1.example.org", "127.0.0.1@example.org", "example.org"])
def test_a_record_elsewhere_is_asked_over_tls_only(tmp_path: Path, host: str) -> None:
    file = tmp_path / "kiosk.toml"
    file.write_text(f"[record]\nkind = 'fhir'\nurl = 'http://{host}/fhir'", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="https"):
        load_settings(file)
