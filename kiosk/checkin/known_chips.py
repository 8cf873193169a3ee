"""Chips that staff inspected once, with their holders, and bound to patients: as with SSH host keys."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from kiosk.checkin.change import load, store
from kiosk.checkin.chip_level import chip_level
from kiosk.checkin.compare import unsettled
from kiosk.checkin.days import of_today
from kiosk.checkin.resolve import resolve
from kiosk.checkin.services import Services
from kiosk.errors import NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, IN_QUEUE, Checked, CheckIn, DocumentKind, Enrolment, Opening, Stage
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.chip_evidence import ChipEvidence, KnownChip
from kiosk.model.identity import Assurance, ClaimSource, Patient
from kiosk.ports.storage import Work


def recognised(work: Work, evidence: ChipEvidence, patient: Patient | None) -> ChipEvidence:
    """The same evidence, saying whether this chip is known as this patient's, and whether it was reported lost.

    Known is only a chip whose key answered rightly now: a copy of the data is not the chip.
    """
    alike = work.known_chips.alike(evidence.chip_key, evidence.security_object)
    same = (evidence.chip_key, evidence.security_object)
    bound = any(
        chip.is_bound
        and None not in same
        and (chip.chip_key, chip.security_object) == same
        and patient is not None
        and chip.patient_id == patient.id
        for chip in alike
    )
    return replace(evidence, known=bound, lost=any(chip.lost_at for chip in alike))


def chips_of(services: Services, check_in: CheckIn) -> Sequence[KnownChip]:
    """The chips that are known as this check-in's patient's, revoked ones too."""
    if check_in.patient is None:
        return ()
    with services.storage.read() as work:
        return work.known_chips.of_patient(check_in.patient.id)


def may_bind(check_in: CheckIn) -> bool:
    """Whether reception may say that they inspected this card and its holder.

    A chip without a key that answered rightly cannot be known again: anybody may copy the rest.
    """
    chip = check_in.chip
    return (
        chip is not None
        and check_in.patient is not None
        and check_in.stage in IN_QUEUE
        and chip.verdict is not ChipVerdict.REFUSED
        and None not in (chip.chip_key, chip.security_object)
        and not (chip.known or chip.lost)
        and speaks_for_patient(check_in)
        and not unsettled(check_in)
    )


def speaks_for_patient(check_in: CheckIn) -> bool:
    """Whether what the chip said is what the record says of the patient that is attached now."""
    claim, patient = check_in.claim, check_in.patient
    by_chip = claim is not None and claim.source is ClaimSource.CHIP_CARD and check_in.chip is not None
    return (
        claim is not None
        and patient is not None
        and by_chip
        and claim.identifier in patient.identifiers
        and resolve(claim, [patient]).patient is not None
    )


def level_with(check_in: CheckIn, chip: ChipEvidence) -> Assurance:
    """The check-in's level with this evidence: raised by it, lowered only by a card that was lost."""
    level = chip_level(chip.verdict, chip.holder_is, known=chip.known, lost=chip.lost)
    if chip.lost:
        return level
    return higher(level, check_in.assurance)


def higher(one: Assurance, other: Assurance) -> Assurance:
    """Whichever level is further proven."""
    return max(one, other, key=list(Assurance).index)


def bind(services: Services, check_in_id: str, *, version: int, by: Actor) -> CheckIn:
    """Reception inspected this card and its holder: from now on its chip is known as this patient's.

    It counts as an inspected photo document, today; the chip's portrait is compared apart.

    Raises:
        StaleVersion, NotFound: see `change.load`.
        NotPossibleNow: see `may_bind`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=IN_QUEUE)
        chip, patient = check_in.chip, check_in.patient
        if not may_bind(check_in) or chip is None or patient is None:
            raise NotPossibleNow("this chip cannot become a known one")
        now = services.clock.now()
        seen = replace(chip, known=True)
        inspected = Checked(Opening.DOCUMENT, str(by), now, check_in.clinic_id or "", DocumentKind.CITIZEN_CARD)
        known = KnownChip(
            id=secrets.token_hex(8),
            chip_key=chip.chip_key or "",
            security_object=chip.security_object or "",
            patient_id=patient.id,
            bound_by=str(by),
            bound_at=now,
        )
        work.known_chips.add(known)
        work.audit.add(now, by, "bind_chip", f"Patient/{patient.id}", {"known_chip": known.id})
        return store(
            services,
            work,
            check_in,
            by=by,
            action="chip_bound",
            detail={"known_chip": known.id},
            chip=seen,
            checked=replace(inspected, second=check_in.checked.second if check_in.checked else None),
            assurance=higher(level_with(check_in, seen), Assurance.VERIFIED),
        )


def revoke(services: Services, known_chip_id: str, *, by: Actor) -> KnownChip:
    """It speaks for nobody any more; check-ins that it raised keep what staff decided then.

    Raises:
        NotFound: no such known chip.
        NotPossibleNow: it was revoked before.
    """
    with services.write() as work:
        chip = work.known_chips.get(known_chip_id)
        if not chip.is_bound:
            raise NotPossibleNow("revoked before")
        revoked = replace(chip, revoked_by=str(by), revoked_at=services.clock.now())
        return _saved(services, work, revoked, "revoke_chip", by)


def report_lost(services: Services, known_chip_id: str, *, lost: bool, by: Actor) -> KnownChip:
    """The card was reported lost or stolen, or was found again; caps what it says at `claimed`, now too.

    Raises:
        NotFound: no such known chip.
    """
    with services.write() as work:
        chip = work.known_chips.get(known_chip_id)
        now = services.clock.now()
        changed = replace(chip, lost_by=str(by) if lost else None, lost_at=now if lost else None)
        if lost:
            _lower(services, work, chip, by)
        return _saved(services, work, changed, "report_lost" if lost else "report_found", by)


def _lower(services: Services, work: Work, chip: KnownChip, by: Actor) -> None:
    """Whoever is here today with that card falls back to `claimed`."""
    for check_in in of_today(services, work, chip.patient_id):
        shown = check_in.chip
        if shown is None or check_in.stage not in IN_QUEUE | AT_STATION:
            continue
        if chip.chip_key == shown.chip_key or chip.security_object == shown.security_object:
            lost = replace(shown, lost=True, known=False)
            store(
                services,
                work,
                check_in,
                by=by,
                action="chip_lost",
                stage=Stage.CHOOSING if check_in.stage is Stage.ENROL_CONSENT else check_in.stage,
                chip=lost,
                assurance=Assurance.CLAIMED,
                enrolment=Enrolment.NOT_KEPT if check_in.enrolment is Enrolment.WANTED else check_in.enrolment,
            )


def _saved(services: Services, work: Work, chip: KnownChip, action: str, by: Actor) -> KnownChip:
    work.known_chips.save(chip)
    work.audit.add(services.clock.now(), by, action, f"Patient/{chip.patient_id}", {"known_chip": chip.id})
    return chip
