"""Reception inspects a photo document: what is read from it is typed, and where something differs, two stand for it."""

from kiosk.checkin.change import load, store
from kiosk.checkin.compare import unsettled
from kiosk.checkin.open_record import checked
from kiosk.checkin.services import Services
from kiosk.errors import AccessDenied, InputError, NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, CheckIn, DocumentKind, Opening
from kiosk.model.identity import IdentifierSystem, PartialDate

DIGITS = 4
_ON_THE_CARD = (IdentifierSystem.CITIZEN_ID, IdentifierSystem.OLD_ID)


def asks_digits(check_in: CheckIn, document: DocumentKind) -> bool:
    """Whether the last digits of the number are asked; otherwise the birth date on the document."""
    return document is DocumentKind.CITIZEN_CARD and bool(_numbers(check_in))


def may_inspect(services: Services, check_in: CheckIn) -> bool:
    """Whether a document may still be inspected here: not after too many wrong entries."""
    return (
        check_in.stage in IN_QUEUE
        and check_in.patient is not None
        and check_in.wrong_documents < services.policy.birth_date_tries
    )


def inspect_at_desk(
    services: Services,
    check_in_id: str,
    *,
    version: int,
    document: DocumentKind,
    read: str | PartialDate,
    second: Actor | None = None,
    by: Actor,
) -> CheckIn:
    """Reception compared the person with a photo document, and typed what stands on it.

    A wrong entry counts and verifies nobody. Where what was shown differs from the record, two of the staff stand for
    the level: whoever attached it counts.

    Args:
        services: of this process.
        check_in_id: the case in hand.
        version: that the actor saw.
        document: which kind.
        read: of a citizen card, the last four digits of its number; of any other document, and of a card whose number
            nobody knows, the birth date.
        second: a second person, who signed for it with their own password.
        by: the actor.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: nobody is attached, or too many wrong entries.
        AccessDenied: a second person must stand for it.
        InputError: kind ``wrong_document``: what was typed is not what the record says; it was counted.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=IN_QUEUE)
        if not may_inspect(services, check_in):
            raise NotPossibleNow("no document can be inspected here now")
        stands = second_for(check_in, second, by)
        if _fits(check_in, document, read):
            return checked(services, work, check_in, Opening.DOCUMENT, document, by, second=stands)
        store(
            services,
            work,
            check_in,
            by=by,
            action="document_wrong",
            detail={"document": document},
            wrong_documents=check_in.wrong_documents + 1,
        )
    raise InputError("wrong_document", "read", "not what the record says")


def second_for(check_in: CheckIn, second: Actor | None, by: Actor) -> str | None:
    """Who stands for the level beside the actor; None where nothing differs and nobody is needed.

    Raises:
        AccessDenied: something differs, and there is nobody.
    """
    if not unsettled(check_in):
        return None
    others = [name for name in (second and str(second), check_in.attached_by) if name and name != str(by)]
    if not others:
        raise AccessDenied("a second person of the staff must stand for it")
    return others[0]


def _fits(check_in: CheckIn, document: DocumentKind, read: str | PartialDate) -> bool:
    if asks_digits(check_in, document):
        return any(number[-DIGITS:] == read for number in _numbers(check_in))
    born = check_in.patient.birth_date if check_in.patient else None
    return born is not None and read == born


def _numbers(check_in: CheckIn) -> list[str]:
    """The numbers that may stand on the card: the record's, else what was shown."""
    known = check_in.patient.identifiers if check_in.patient else ()
    own = [one.value for one in known if one.system in _ON_THE_CARD]
    shown = [one.identifier.value for one in check_in.claims if one.identifier.system in _ON_THE_CARD]
    return own or shown
