"""Staff compare the chip's portrait with whoever holds the card."""

from dataclasses import replace

from kiosk.checkin.change import load, store
from kiosk.checkin.chip_level import chip_level
from kiosk.checkin.close_record import close_record
from kiosk.checkin.compare import unsettled
from kiosk.checkin.known_chips import higher, level_with, recognised, speaks_for_patient
from kiosk.checkin.services import Services
from kiosk.errors import NotFound, NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import IN_QUEUE, CheckIn, Reason
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.chip_evidence import Holder, HolderCompared
from kiosk.model.identity import Assurance


def may_compare(check_in: CheckIn, *, has_portrait: bool) -> bool:
    """Whether comparing can raise the level.

    Anybody may put his own portrait beside the data of an unknown issuer, or print another one on a genuine card:
    where the chip's portrait is not at hand, staff inspect the card as a document.
    """
    chip = check_in.chip
    if chip is None or chip.verdict is ChipVerdict.REFUSED or check_in.stage not in IN_QUEUE or not has_portrait:
        return False
    was_used = chip.security_object is not None
    if chip.holder is not None or not was_used or not speaks_for_patient(check_in) or unsettled(check_in):
        return False
    level = chip_level(chip.verdict, Holder.STAFF, known=chip.known, lost=chip.lost)
    return higher(level, check_in.assurance) is not check_in.assurance


def compare_holder(
    services: Services, check_in_id: str, *, version: int, clinic_id: str, matches: bool, by: Actor
) -> CheckIn:
    """Staff say whether the portrait shows the person before them: who, when and what came of it is kept.

    Somebody else: the record closes, and reception gets the claim.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: there is nothing to compare, or it waits in another clinic.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=IN_QUEUE)
        chip = check_in.chip
        offered = may_compare(check_in, has_portrait=work.portraits.has(check_in.id))
        if chip is None or not offered or check_in.clinic_id != clinic_id:
            raise NotPossibleNow("there is nothing to compare here")
        compared = HolderCompared(matches=matches, by=str(by), at=services.clock.now())
        seen = replace(recognised(work, chip, check_in.patient), holder=compared)
        after = store(
            services,
            work,
            check_in,
            by=by,
            action="holder_matches" if matches else "holder_differs",
            detail={"verdict": seen.verdict, "known": str(seen.known).lower()},
            chip=seen,
            assurance=level_with(check_in, seen) if matches else Assurance.CLAIMED,
        )
        return after if matches else close_record(services, work, after, Reason.HOLDER_DIFFERS, by)


def portrait(services: Services, check_in_id: str, *, by: Actor) -> bytes:
    """The chip's portrait as JPEG; that it was looked at is audited before it is returned.

    Raises:
        NotFound: there is none.
        NotPossibleNow: the check-in is over.
    """
    with services.write() as work:
        check_in = load(work, check_in_id)
        jpeg = work.portraits.get(check_in_id)
        if jpeg is None:
            raise NotFound("no portrait")
        work.audit.add(services.clock.now(), by, "see_portrait", f"check-in/{check_in.id}", {"stage": check_in.stage})
        return jpeg


def has_portrait(services: Services, check_in: CheckIn) -> bool:
    """Whether there is a portrait to look at."""
    if check_in.chip is None:
        return False
    with services.storage.read() as work:
        return work.portraits.has(check_in.id)
