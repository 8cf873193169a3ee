"""A chip card was read: whose is it, and how far may it be believed?"""

from dataclasses import replace
from datetime import date

from kiosk.checkin.by_code import look_up
from kiosk.checkin.change import load, store
from kiosk.checkin.desk import send_to_case, send_to_desk
from kiosk.checkin.doubt import Presented, doubts_about, note_guess, remember
from kiosk.checkin.known_chips import level_with, recognised
from kiosk.checkin.resolve import Resolution, resolve
from kiosk.checkin.services import Services
from kiosk.errors import NotPossibleNow
from kiosk.model.actor import Actor
from kiosk.model.checkin import AT_STATION, CheckIn, Reason, Stage
from kiosk.model.chip_card import ChipReading, ChipVerdict, CitizenData
from kiosk.model.chip_evidence import CardFacts, ChipEvidence
from kiosk.model.doubt import DoubtKind, Doubts
from kiosk.model.events import EventKind
from kiosk.model.identity import (
    Assurance,
    ClaimSource,
    Identifier,
    IdentifierSystem,
    IdentityClaim,
    fold_name,
)
from kiosk.ports.storage import Work

TAKES_A_CHIP = AT_STATION | {Stage.ARRIVED}
"""Who took a number while the chip was still being read gets the level all the same."""

BEFORE_THE_NAME = frozenset({Stage.STARTED, Stage.FACE_CONSENT, Stage.FACE, Stage.BIRTH_DATE, Stage.LAST_FOUR})

LOST = Resolution(reason=Reason.CHIP_ALARM)

WHO_IT_IS = frozenset({"number", "name", "birth_date"})
"""Fields of chip and code that must not contradict each other; of others reception is only told."""


def by_chip_card(services: Services, check_in_id: str, *, reading: ChipReading, by: Actor) -> CheckIn:
    """Take what a chip said.

    A chip that is refused, or that names nobody, is no claim: reception decides, with whatever was shown before.
    Anything else is matched to the record like a scanned code of the card.

    Raises:
        NotPossibleNow: the patient is gone, or has become another one.
        NotFound: no such check-in.
    """
    with services.storage.read() as work:
        before = load(work, check_in_id, stages=TAKES_A_CHIP)
    claim = _claim_of(reading.citizen, before) if reading.citizen else None
    resolution = _resolution(services, before, claim) if claim and _agrees(reading, before) else None
    with services.write() as work:
        check_in = load(work, check_in_id, stages=TAKES_A_CHIP)
        if check_in.claim != before.claim or check_in.patient != before.patient:
            raise NotPossibleNow("somebody else's code was shown meanwhile")
        evidence = ChipEvidence.of(reading, services.clock.now())
        if reading.verdict is ChipVerdict.REFUSED or claim is None:
            reason = Reason.CHIP_ALARM if reading.alarm else Reason.CHIP_REFUSED
            return _not_used(services, work, check_in, claim, evidence, Resolution(reason=reason), by)
        if not _agrees(reading, before):
            why = Resolution(reason=Reason.CHIP_DISAGREES, disagrees=reading.contradictions or ("number",))
            return _not_used(services, work, check_in, claim, evidence, why, by)
        _keep_portrait(services, work, check_in, reading)
        return _go_on(services, work, check_in, claim, resolution, evidence, by)


def card_facts(check_in: CheckIn) -> CardFacts | None:
    """What the patient presented that may open the chip of a citizen card."""
    claim = check_in.claim
    if claim is None or claim.identifier.system is not IdentifierSystem.CITIZEN_ID:
        return None
    typed = claim.source is ClaimSource.TYPED_NUMBER
    return CardFacts(claim.identifier.value, claim.birth_date, check_in.card_expires_on, typed=typed)


def _claim_of(citizen: CitizenData, before: CheckIn) -> IdentityClaim:
    """The name with its diacritics, when the chip has none and a code of the same name had them."""
    name = citizen.name
    shown = before.claim.name if before.claim else None
    if shown and not citizen.kept_from_dg13 and fold_name(shown) == fold_name(name):
        name = shown
    return IdentityClaim(
        source=ClaimSource.CHIP_CARD,
        identifier=Identifier(IdentifierSystem.CITIZEN_ID, citizen.number),
        name=name,
        birth_date=citizen.birth_date,
        sex=citizen.sex,
    )


def _agrees(reading: ChipReading, before: CheckIn) -> bool:
    """Whether chip and code speak of one person."""
    if WHO_IT_IS & set(reading.contradictions):
        return False
    shown = card_facts(before)
    return shown is None or reading.citizen is None or shown.number == reading.citizen.number


def _resolution(services: Services, before: CheckIn, claim: IdentityClaim) -> Resolution | None:
    """Against the patient that the code led to a moment ago, else against the record; None when it does not answer."""
    if before.patient is None:
        return look_up(services, claim)
    if before.claim and before.claim.identifier == claim.identifier:
        return resolve(claim, [before.patient])
    found = look_up(services, claim)
    if found is None:
        raise NotPossibleNow("whether the chip is of the same patient cannot be known now")
    if found.patient and found.patient.id != before.patient.id:
        return Resolution(reason=Reason.CHIP_DISAGREES)
    return found


def _not_used(  # what was read, why it is not used, and the check-in that it was for
    services: Services,
    work: Work,
    check_in: CheckIn,
    said: IdentityClaim | None,
    evidence: ChipEvidence,
    why: Resolution,
    by: Actor,
) -> CheckIn:
    """The number stays if there is one; reception is told, the patient is sent there in the same words for all.

    The doubt is about whoever's code was shown; without one, about whoever's number the chip says.
    """
    doubts = _remember(services, work, check_in, why, check_in.claim or said, by)
    noted = store(
        services,
        work,
        check_in,
        by=by,
        action="chip_not_used",
        event=EventKind.HELP,
        detail=_detail(evidence),
        chip=replace(evidence, chip_key=None, security_object=None),
        assurance=Assurance.CLAIMED,
        disagrees=why.disagrees,
        help_reason=why.reason,
        help_since=services.clock.now(),
    )
    if noted.stage is Stage.ARRIVED:
        return noted
    sent = send_to_desk(services, work, noted, why=why, claim=noted.claim, doubts=doubts, by=by)
    if sent.same_as:
        # who has a number of the desk already keeps it, and it must not hide what the chip said
        holder = load(work, sent.same_as)
        store(
            services,
            work,
            holder,
            by=by,
            action="chip_not_used",
            event=EventKind.HELP,
            detail=_detail(evidence),
            chip=noted.chip,
            help_reason=why.reason,
            help_since=services.clock.now(),
        )
    return sent


def _remember(
    services: Services, work: Work, check_in: CheckIn, why: Resolution, claim: IdentityClaim | None, by: Actor
) -> Doubts:
    kind = DoubtKind(why.reason or Reason.CHIP_REFUSED)
    return remember(services, work, check_in, kind, Presented(claim, check_in.patient, why.disagrees), by=by)


def _go_on(  # what was read, whose it is, and the check-in that it is for
    services: Services,
    work: Work,
    check_in: CheckIn,
    claim: IdentityClaim,
    resolution: Resolution | None,
    evidence: ChipEvidence,
    by: Actor,
) -> CheckIn:
    patient = resolution.patient if resolution else None
    evidence = recognised(work, evidence, patient)
    if resolution and patient is None:
        return _not_matched(services, work, check_in, claim, resolution, evidence, by)
    doubts = doubts_about(services, work, claim, patient or check_in.patient).besides_chip_of(check_in.id)
    if doubts.stands and check_in.stage is not Stage.ARRIVED:
        noted = _noted(services, work, check_in, evidence, by)
        return send_to_case(services, work, noted, Presented(claim, patient or check_in.patient), by=by)
    if evidence.lost:
        _remember(services, work, check_in, LOST, claim, by)
    asks_name = check_in.patient is None and check_in.stage in BEFORE_THE_NAME
    if asks_name:
        # whatever a face was taken for, the chip leads the way now
        work.face_attempts.drop_state(check_in.id)
        check_in = replace(check_in, face=None, face_consent=None)
    return store(
        services,
        work,
        check_in,
        by=by,
        action="chip" if resolution else "chip_unresolved",
        detail=_detail(evidence),
        event=EventKind.HELP if evidence.lost else EventKind.CHANGED,
        stage=Stage.IS_THIS_YOU if asks_name else check_in.stage,
        claim=claim,
        patient=patient or check_in.patient,
        unresolved=check_in.unresolved if check_in.stage is Stage.ARRIVED else resolution is None,
        problem=None,
        chip=evidence,
        **_lost(services, check_in, evidence),
        assurance=level_with(check_in, evidence) if patient else Assurance.CLAIMED,
    )


def _not_matched(  # as above
    services: Services,
    work: Work,
    check_in: CheckIn,
    claim: IdentityClaim,
    resolution: Resolution,
    evidence: ChipEvidence,
    by: Actor,
) -> CheckIn:
    """The record knows nobody, several, or somebody with another name under this number: reception decides."""
    doubts = note_guess(services, work, check_in, claim, resolution, by=by)
    if check_in.stage is not Stage.ARRIVED:
        noted = _noted(services, work, check_in, evidence, by)
        return send_to_desk(services, work, noted, why=resolution, claim=claim, doubts=doubts, by=by)
    help_since = services.clock.now()
    return _noted(services, work, check_in, evidence, by, help_reason=resolution.reason, help_since=help_since)


def _noted(  # as above
    services: Services, work: Work, check_in: CheckIn, evidence: ChipEvidence, by: Actor, **fields: object
) -> CheckIn:
    return store(
        services,
        work,
        check_in,
        by=by,
        action="chip_not_matched",
        event=EventKind.HELP,
        detail=_detail(evidence),
        chip=evidence,
        assurance=Assurance.CLAIMED,
        **fields,
    )


def _lost(services: Services, check_in: CheckIn, evidence: ChipEvidence) -> dict[str, object]:
    """Reception learns quietly of a card that was reported lost or stolen."""
    if not evidence.lost:
        return {}
    return {"help_reason": Reason.CHIP_ALARM, "help_since": check_in.help_since or services.clock.now()}


def _detail(evidence: ChipEvidence) -> dict[str, str]:
    return {
        "verdict": evidence.verdict,
        "reasons": " ".join(evidence.reasons),
        "known": str(evidence.known).lower(),
        "lost": str(evidence.lost).lower(),
    }


def _keep_portrait(services: Services, work: Work, check_in: CheckIn, reading: ChipReading) -> None:
    if reading.portrait:
        work.portraits.put(check_in.id, reading.portrait, services.clock.now())
    else:
        # nobody is compared with the portrait of a card that was read before
        work.portraits.drop(check_in.id)


def give_expiry(services: Services, check_in_id: str, *, version: int, expires_on: date, by: Actor) -> CheckIn:
    """The expiry date as printed on the card, which older chips need besides number and birth date.

    Raises:
        StaleVersion, NotPossibleNow, NotFound: see `change.load`.
    """
    with services.write() as work:
        check_in = load(work, check_in_id, version=version, stages=AT_STATION)
        work.cards.drop(check_in.id)
        return store(services, work, check_in, by=by, action="card_expiry", card_expires_on=expires_on)
