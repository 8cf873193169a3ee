"""Builds the services from the settings, once a process: the only place that chooses real or simulated parts.

A real adapter is imported only when its setting names it, so that a host needs no library of a device it has not; the
screens only by the processes that serve them, so that the others stay small.
"""

# ruff: noqa: PLC0415 # see above

from collections.abc import Callable
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kiosk.bootstrap.devices import (
    chip_reading,
    open_camera,
    open_card_reader,
    open_printer,
    open_scanner,
    open_trust,
)
from kiosk.bootstrap.face_keys import has_face_keys, open_face_keys
from kiosk.bootstrap.faces import open_faces, with_face_parts
from kiosk.bootstrap.policy import clinic_of, policy_of
from kiosk.bootstrap.time_keeper import TimeKeeper, keep_once, open_host_time
from kiosk.checkin.services import Services
from kiosk.checkin.station import LocalCheckIns
from kiosk.checkin.watch import Heartbeat
from kiosk.errors import ConfigurationError
from kiosk.live.clock import SystemClock
from kiosk.live.redis_bus import RedisBus
from kiosk.ports.devices import DeviceBench
from kiosk.ports.record import PatientRecord
from kiosk.settings import Settings
from kiosk.storage import engine as storage_engine
from kiosk.storage import space
from kiosk.storage.face_tombstones import replay
from kiosk.storage.in_use import lock_of
from kiosk.storage.migrations import is_current
from kiosk.storage.sealing import Seal
from kiosk.storage.unit_of_work import SqlStorage

__all__ = [
    "database_in_use",
    "free_bytes",
    "open_camera",
    "open_card_reader",
    "open_engine",
    "open_printer",
    "open_record",
    "open_scanner",
    "open_services",
    "open_station",
    "open_storage",
    "open_trust",
    "patient_app",
    "staff_app",
]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy import Engine

    from kiosk.station.loop import Station
    from kiosk.web.bench.people import BenchPeople


RESERVED_THREADS = 32
"""Of the staff's listener: never taken by a live stream."""


def open_engine(settings: Settings) -> "Engine":
    """The database, at whatever version it is.

    Raises:
        ConfigurationError: the data folder cannot be made.
        StorageError: the database cannot be opened.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot make paths.data {settings.data_dir}: {error.strerror}") from error
    return storage_engine.open_engine(settings.database_url, settings.credential("database-password"))


def open_storage(settings: Settings) -> SqlStorage:
    """The database, at this program's version, and without faces that were forgotten.

    Raises:
        ConfigurationError: it is not; says what to run.
        StorageError: the database cannot be used, or is being restored.
    """
    engine = open_engine(settings)
    held = lock_of(engine)
    if not is_current(engine):
        raise ConfigurationError("the database is not at this version: run `kiosk db upgrade`")
    sealing_key, face_keys = settings.credential("sealing-key"), open_face_keys(settings)
    if face_keys:
        # a restored backup must not bring back who was forgotten since, for not even one search
        replay(engine, face_keys)
    seal = Seal.from_text(sealing_key) if sealing_key else None
    closed = face_keys is None and has_face_keys(settings)
    return SqlStorage(engine, seal, face_keys, face_keys_closed=closed, held=held)


@contextmanager
def database_in_use(settings: Settings) -> "Iterator[Engine]":
    """The database, at whatever version it is, which nobody replaces within the block, nor in processes forked there.

    Raises:
        ConfigurationError, StorageError: see `open_engine`; or it is being restored.
    """
    engine = open_engine(settings)
    with lock_of(engine) or nullcontext():
        try:
            yield engine
        finally:
            engine.dispose()


def open_record(settings: Settings) -> PatientRecord:
    """The hospital's record."""
    if settings.record.kind == "fhir":
        from kiosk.record.gateway import FhirRecord

        return FhirRecord(
            settings.record.url,
            zone=ZoneInfo(settings.hospital.timezone),
            token=settings.credential("record-token"),
            ca=settings.credential_path("record-ca"),
            timeout_seconds=settings.record.timeout_seconds,
        )
    from kiosk.record.folder import FolderRecord

    record = FolderRecord(
        settings.record_dir, ZoneInfo(settings.hospital.timezone), timeout_seconds=settings.record.timeout_seconds
    )
    if settings.mode != "demo":
        return record
    from kiosk.hardware.simulated.bench import record_off_flag
    from kiosk.record.switched import SwitchedRecord

    return SwitchedRecord(record, record_off_flag(settings.runtime_dir))


def open_bus(settings: Settings) -> RedisBus:
    """Redis; whether it answers shows with the first use."""
    return RedisBus(settings.redis.url, settings.credential("redis-password"))


def open_services(settings: Settings) -> Services:
    """What every use case is given.

    Raises:
        ConfigurationError, StorageError: see `open_storage`.
    """
    services = Services(
        storage=open_storage(settings),
        record=open_record(settings),
        bus=open_bus(settings),
        clock=SystemClock(settings.hospital.timezone, open_host_time(settings)),
        clinics={clinic.id: clinic_of(clinic) for clinic in settings.clinics},
        policy=policy_of(settings),
        hospital_code_pattern=settings.hospital.code_pattern,
        faces=open_faces(settings),
    )
    keep_once(services)
    return services


def free_bytes(settings: Settings) -> Callable[[], int]:
    """Asks how much room is left for the data folder."""
    return partial(space.free_bytes, settings.data_dir)


def preview_socket(settings: Settings) -> Path:
    """Where the camera's picture goes from the station to the patient's screen."""
    return settings.runtime_dir / "preview.sock"


def patient_app(settings: Settings, people: "BenchPeople | None" = None) -> "Flask":
    """The WSGI app of the patient's listener.

    Args:
        settings: of this host.
        people: the invented patients for the device bench, in the demo.
    """
    from kiosk.live.preview import UnixPreviewSource
    from kiosk.live.screen_pass import FileScreenPass
    from kiosk.web.patient_app import PatientParts, create_patient_app

    services = open_services(settings)
    faces_on, has_camera = services.faces is not None, settings.station.camera != "none"
    bench: DeviceBench | None = None
    if settings.mode == "demo":
        from kiosk.hardware.simulated.bench import FileBench

        bench = FileBench(settings.runtime_dir)
    app = create_patient_app(
        PatientParts(
            settings=settings,
            # a face can be forgotten where none can be taken
            check_ins=LocalCheckIns(services if has_camera else replace(services, faces=None)),
            bus=services.bus,
            preview=UnixPreviewSource(preview_socket(settings)),
            clock=services.clock,
            bench=bench,
            people=people,
            faces_on=faces_on,
            screen_pass=FileScreenPass(settings.runtime_dir, shared=settings.mode == "demo"),
            database=Heartbeat(services).check,
        )
    )
    running = ExitStack()
    running.callback(TimeKeeper(services).start().close)
    running.callback(app.extensions["kiosk_feed"].close)
    app.extensions["kiosk_stop"] = running.close
    return app


def staff_app(settings: Settings) -> "Flask":
    """The WSGI app of the staff's listener; its metrics are served beside it until it stops."""
    from kiosk.web.health import Metrics, serve_metrics
    from kiosk.web.live import LiveFeed
    from kiosk.web.places import Limits
    from kiosk.web.staff_app import StaffParts, create_staff_app

    services = open_services(settings)
    feed = LiveFeed(services.bus, limits=Limits(total=max(1, settings.web.threads - RESERVED_THREADS)))
    free = free_bytes(settings)
    trusts_nobody = partial(_trusts_nobody, settings)
    app = create_staff_app(StaffParts(settings, services, feed, trusts_nobody=trusts_nobody, free_bytes=free))
    running = ExitStack()
    if settings.web.metrics_port:
        metrics = Metrics()
        metrics.watch_app(app, "staff")
        metrics.watch_feed(feed, "staff")
        metrics.watch_outbox(services)
        metrics.watch_clock(services.clock)
        metrics.watch_space(free)
        running.enter_context(serve_metrics(settings, metrics.registry))
    running.callback(TimeKeeper(services).start().close)
    running.callback(feed.close)
    app.extensions["kiosk_stop"] = running.close
    return app


def open_station(settings: Settings) -> "Station":
    """The process that owns this kiosk's devices."""
    from kiosk.live.preview import UnixPreviewSink
    from kiosk.station.loop import Devices, Station
    from kiosk.station.ticket import TicketWords

    services, faces = with_face_parts(settings, open_services(settings))
    camera = open_camera(settings)
    reader = open_card_reader(settings)
    if reader:
        # an anchor that may not be used is said now, not to the first patient
        open_trust(settings)
    devices = Devices(
        card_reader=reader,
        read_chip=chip_reading(settings, services.clock) if reader else None,
        camera=camera,
        scanner=open_scanner(settings),
        printer=open_printer(settings),
        preview=UnixPreviewSink(preview_socket(settings)) if camera else None,
        faces=faces,
    )
    TimeKeeper(services).start()
    names = {"vi": settings.hospital.name, "en": settings.hospital.name_en}
    words = TicketWords(names, services.clinics)
    here = settings.station
    return Station(here.id, LocalCheckIns(services), services.bus, services.clock, devices, words, here.name)


def _trusts_nobody(settings: Settings) -> bool:
    """Whether chips are read here and none can be genuine; a folder that the station refuses must not stop staff."""
    if settings.station.card_reader == "none":
        return False
    try:
        return open_trust(settings).is_empty
    except ConfigurationError:
        return True
