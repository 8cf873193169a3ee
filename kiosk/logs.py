"""Logs: one JSON object a line on standard error, without personal data.

Only the keys of `ALLOWED` reach the log, so that a name or a number cannot slip in with an innocent-looking key.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event", "level", "timestamp", "logger", "check_in", "station", "clinic", "staff", "stage", "kind", "reason",
        "device", "attempts", "seconds", "count", "path", "status", "method", "endpoint", "exception_type", "where",
        "process", "pid", "port", "address", "migration", "setting", "delivery", "request",
    }
)  # fmt: skip


def _only_allowed(_: object, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop the value of every key that is not known to be harmless, and say that it was dropped.

    Keys that begin with an underscore are structlog's own and are removed before rendering.
    """
    dropped = sorted(key for key in fields.keys() - ALLOWED if not key.startswith("_"))
    for key in dropped:
        del fields[key]
    if dropped:
        fields["reason"] = f"dropped keys: {', '.join(dropped)}"
    return fields


def _exception_place(_: object, __: str, fields: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """An exception's type and where it arose: its message may quote what a stranger gave us."""
    caught = fields.pop("exc_info", None)
    error = caught[1] if isinstance(caught, tuple) else sys.exc_info()[1] if caught else None
    if error is not None:
        trace, place = error.__traceback__, ""
        while trace:
            place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
            trace = trace.tb_next
        fields["exception_type"], fields["where"] = type(error).__qualname__, place
    return fields


def configure_logs(level: str) -> None:
    """Send every log of this process, the libraries' too, through the same filter."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_place,
        _only_allowed,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    sys.excepthook = lambda _, error, __: _log_uncaught(error)
    threading.excepthook = lambda caught: _log_uncaught(caught.exc_value)
    for noisy in ("httpx", "httpcore", "alembic"):
        # these write addresses with identifiers in them
        logging.getLogger(noisy).setLevel(logging.WARNING)


def _log_uncaught(error: BaseException | None) -> None:
    """A traceback would print the message, which may quote what a stranger gave us."""
    if isinstance(error, KeyboardInterrupt | None):
        return
    structlog.get_logger("kiosk").critical("uncaught", exc_info=(type(error), error, error.__traceback__))
