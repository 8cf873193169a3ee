"""What stands between a `claimed` check-in and the record: the open question, or a photo document."""

from kiosk.checkin.change import load, store
from kiosk.checkin.close_record import close_record
from kiosk.checkin.compare import unsettled
from kiosk.checkin.doubt import Presented, doubts_about, remember
from kiosk.checkin.services import Services
from kiosk.checkin.undo import keep_for_undo
from kiosk.errors import AccessDenied, NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, Checked, CheckIn, DocumentKind, Opening, Reason
from kiosk.model.doubt import DoubtKind
from kiosk.model.identity import Assurance, PartialDate
from kiosk.ports.storage import Work


def answer_open_question(
    services: Services, check_in_id: str, *, version: int, clinic_id: str, answer: PartialDate, by: Actor
) -> CheckIn:
    """Staff typed the birth date that the person said.

    Right: opens this check-in's record to that clinic today, and never raises the level. Wrong too often: the clinic
    loses the check-in, and reception gets the claim with a number of its own. Wrong answers of one person count
    together, in whichever clinics of that day.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: nobody is attached, the record knows no birth date, it waits in another clinic, or doubt stands
            about this person today: then a document or the chip opens the record.
    """
    with services.write() as work:
        check_in = _load(work, check_in_id, version, clinic_id)
        if check_in.patient is None or check_in.patient.birth_date is None:
            raise NotPossibleNow("there is no birth date to compare with")
        doubts = doubts_about(services, work, check_in.claim, check_in.patient)
        if doubts.stands:
            raise NotPossibleNow("doubt stands: a document or the chip opens the record")
        if answer == check_in.patient.birth_date:
            return checked(services, work, check_in, Opening.SPOKEN, None, by)
        wrong = doubts.count({DoubtKind.OPEN_QUESTION_MISSED}) + 1
        if wrong >= services.policy.open_question_tries:
            return close_record(services, work, check_in, Reason.OPEN_QUESTION_WRONG, by, times=wrong)
        what = Presented(check_in.claim, check_in.patient, clinic_id=clinic_id)
        remember(services, work, check_in, DoubtKind.OPEN_QUESTION_MISSED, what, by=by)
        return store(
            services,
            work,
            check_in,
            by=by,
            action="open_question_wrong",
            wrong_answers=check_in.wrong_answers + 1,
        )


def inspect_document(
    services: Services, check_in_id: str, *, version: int, clinic_id: str, document: DocumentKind, by: Actor
) -> CheckIn:
    """The clinic compared the person with a photo document: `verified`, with who, when and which kind.

    Where what was shown differs from the record, whoever attached it stands for it too.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: nobody is attached, or it waits in another clinic.
        AccessDenied: something differs, and nobody else of the staff has said who this is.
    """
    with services.write() as work:
        check_in = _load(work, check_in_id, version, clinic_id)
        if check_in.patient is None:
            raise NotPossibleNow("nobody is attached")
        second = check_in.attached_by if check_in.attached_by != str(by) else None
        if unsettled(check_in) and second is None:
            raise AccessDenied("a second person of the staff must stand for it")
        return checked(services, work, check_in, Opening.DOCUMENT, document, by, second=second)


def not_this_person(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """Whoever came is not the patient of this record: closes it, and reception gets the claim.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=IN_QUEUE)
        return close_record(services, work, check_in, Reason.NOT_THIS_PERSON, by)


def _load(work: Work, check_in_id: str, version: int, clinic_id: str) -> CheckIn:
    check_in = load(work, check_in_id, version=version, stages=IN_QUEUE)
    if check_in.clinic_id != clinic_id:
        raise NotPossibleNow("it waits in another clinic")
    return check_in


def checked(
    services: Services,
    work: Work,
    check_in: CheckIn,
    how: Opening,
    document: DocumentKind | None,
    by: Actor,
    *,
    second: str | None = None,
) -> CheckIn:
    """Open the record for this check-in, within the caller's transaction; a document raises the level."""
    now = services.clock.now()
    verified = how is Opening.DOCUMENT and check_in.assurance is Assurance.CLAIMED
    if verified and document is DocumentKind.CITIZEN_CARD and check_in.chip and check_in.chip.lost:
        # whoever holds a card that was reported lost or stolen shows another document
        verified = False
    after = store(
        services,
        work,
        check_in,
        by=by,
        action=f"checked_{how}",
        detail=({"document": document} if document else {}) | ({"second": second} if second else {}),
        checked=Checked(how, str(by), now, check_in.clinic_id or "", document, second),
        assurance=Assurance.VERIFIED if verified else check_in.assurance,
    )
    if how is Opening.DOCUMENT:
        keep_for_undo(services, work, "checked_document", check_in, after, by=by)
    return after
