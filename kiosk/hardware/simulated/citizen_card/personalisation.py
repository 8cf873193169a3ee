"""Personalising: from a holder and an issuer to a card (ICAO Doc 9303-10 and -12)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from enum import StrEnum

from kiosk.hardware.simulated.citizen_card import machine_readable_zone as mrz
from kiosk.hardware.simulated.citizen_card.data_groups import (
    common_data,
    data_group_1,
    data_group_2,
    data_group_3,
    data_group_13,
)
from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import (
    EF_CARD_ACCESS,
    EF_COM,
    EF_SOD,
    Behaviour,
    CardImage,
    ChipKey,
    PaceOffer,
)
from kiosk.hardware.simulated.citizen_card.pki import Issuer
from kiosk.hardware.simulated.citizen_card.portrait import PictureFormat, draw_portrait, encode, size_of
from kiosk.hardware.simulated.citizen_card.private_keys import PrivateKey, elliptic_key, rsa_key
from kiosk.hardware.simulated.citizen_card.security_infos import (
    active_authentication_info,
    card_access,
    chip_authentication_info,
    chip_public_key_info,
    data_group_14,
    data_group_15,
    pace_info,
    terminal_authentication_info,
)
from kiosk.hardware.simulated.citizen_card.security_object import security_object


class ChipInfos(StrEnum):
    """What DG14 holds."""

    CHIP_KEY = "chip_key"
    PACE_ONLY = "pace_only"
    ABSENT = "absent"


def new_chip_key(curve: int = 13, key_id: int | None = None) -> ChipKey:
    """A new key for chip authentication with AES-128."""
    return ChipKey(curve=curve, scalar=elliptic_key(curve).scalar, key_id=key_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How a card is made; the defaults are those of a Vietnamese citizen card.

    Attributes:
        state: three letters of DG1.
        is_passport: TD3 instead of TD1.
        pace: none for a card without EF.CardAccess.
        chip_infos: what DG14 holds.
        active_key: named in DG15; None for a card without it.
        chip_key: named in DG14.
        explicit_curve: whether DG14 writes the curve's parameters out.
        signing_time: whether EF.SOD says when it was signed.
        unsigned: data groups present that EF.SOD does not list.
        stripped: data groups that EF.SOD lists and the card has not.
        more: other data groups, by number.
    """

    state: str = "VNM"
    is_passport: bool = False
    pace: tuple[PaceOffer, ...] = (PaceOffer(),)
    chip_infos: ChipInfos = ChipInfos.CHIP_KEY
    active_key: PrivateKey | None = field(default_factory=rsa_key)
    chip_key: ChipKey = field(default_factory=new_chip_key)
    explicit_curve: bool = True
    picture: PictureFormat = PictureFormat.JPEG
    hash_name: str = "sha256"
    signing_time: bool = True
    unsigned: frozenset[int] = frozenset()
    stripped: frozenset[int] = frozenset()
    more: Mapping[int, bytes] = field(default_factory=dict)
    behaviour: Behaviour = field(default_factory=Behaviour)


def personalise(holder: Holder, issuer: Issuer, plan: Plan | None = None) -> CardImage:
    """Make a card: some 0.2 s, most of it for keys."""
    plan = plan or Plan()
    zone = (mrz.td3 if plan.is_passport else mrz.td1)(holder, plan.state)
    groups = _data_groups(holder, zone, plan)
    listed = {number: content for number, content in groups.items() if number not in plan.unsigned}
    signed_at = datetime.combine(holder.issued_on, time(3), UTC) if plan.signing_time else None
    signature = security_object(listed, issuer.signer, hash_name=plan.hash_name, signed_at=signed_at)
    files = {f"DG{number}": content for number, content in groups.items() if number not in plan.stripped}
    files |= {EF_COM: common_data(groups), EF_SOD: signature}
    files |= {EF_CARD_ACCESS: card_access(plan.pace, _offered_chip_key(plan))} if plan.pace else {}
    return CardImage(
        files=files,
        mrz_information=mrz.information(zone),
        can=None if plan.is_passport else holder.can,
        pace=plan.pace,
        active_key=plan.active_key,
        chip_key=_offered_chip_key(plan),
        behaviour=plan.behaviour,
    )


def _data_groups(holder: Holder, zone: str, plan: Plan) -> dict[int, bytes]:
    picture = holder.portrait or encode(draw_portrait(holder.name, holder.sex), plan.picture)
    groups = {1: data_group_1(zone), 2: data_group_2(picture, *size_of(picture)), 3: data_group_3()}
    groups |= {} if plan.is_passport else {13: data_group_13(holder)}
    infos = _chip_infos(plan)
    groups |= {14: data_group_14(infos)} if infos else {}
    groups |= {15: data_group_15(plan.active_key)} if plan.active_key else {}
    return groups | dict(plan.more)


def _chip_infos(plan: Plan) -> list[bytes]:
    """SecurityInfos of DG14; an ECDSA key for active authentication must be explained there."""
    active = [active_authentication_info(plan.active_key)] if plan.active_key and plan.active_key.curve else []
    if plan.chip_infos is ChipInfos.ABSENT:
        return active
    infos = [*active, terminal_authentication_info(), *map(pace_info, plan.pace)]
    key = _offered_chip_key(plan)
    if key:
        infos += [chip_authentication_info(key), chip_public_key_info(key, explicit=plan.explicit_curve)]
    return infos


def _offered_chip_key(plan: Plan) -> ChipKey | None:
    return plan.chip_key if plan.chip_infos is ChipInfos.CHIP_KEY else None
