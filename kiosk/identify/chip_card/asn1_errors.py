"""The one place where what asn1crypto raises on a stranger's bytes becomes our error."""

from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.errors import InputError


@contextmanager
def asn1_errors(what: str) -> Iterator[None]:
    """Turn asn1crypto's errors into InputError, kind ``malformed``; `what` names the thing that was parsed.

    The library parses when a field is first looked at, so everything that touches its objects belongs inside.
    """
    try:
        yield
    except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, RecursionError) as error:
        raise InputError("malformed", None, f"{what} cannot be parsed") from error
