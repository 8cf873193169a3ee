"""What `kiosk card read` says of a card: as JSON for programs, and in a few lines for people."""

import hashlib
from dataclasses import fields
from typing import Final

from kiosk.errors import CardProblem
from kiosk.identify.chip_card.document import Document
from kiosk.model.chip_card import ChipReason, ChipVerdict, CitizenData

OTHER_CASE = 4
STATUS: Final = {ChipVerdict.GENUINE: 0, ChipVerdict.CONSISTENT: 2, ChipVerdict.REFUSED: 3}
"""Exit statuses; what cannot be read ends with `OTHER_CASE`."""

NEXT = {
    CardProblem.SERVICE_DOWN: "start pcscd: systemctl start pcscd.socket",
    CardProblem.NO_READER: "plug the reader in and compare its name with `kiosk card readers`; end what holds it",
    CardProblem.NO_CARD: "put the card on the reader",
    CardProblem.REMOVED: "put the card back, hold it still and start again",
    CardProblem.NO_ANSWER: "take the card off and put it back; if that happens again, try another card",
    CardProblem.WRONG_KEY: "compare number, birth and expiry date with what is printed on the card",
    CardProblem.THROTTLED: "wait some minutes; after three wrong keys ask the issuing authority, and never guess",
    CardProblem.UNSUPPORTED: "this is an old card without chip, or no citizen card",
    CardProblem.SECURE_MESSAGING: "try once more; if that happens again, do not believe the card",
    CardProblem.MALFORMED: "do not believe the card",
}
"""What to do about each, for whoever stands before the reader."""

_MEANS = {
    ChipReason.ISSUER_UNKNOWN: "no installed anchor issued it: see `kiosk trust list`",
    ChipReason.COPY_NOT_EXCLUDED: "the chip offers no proof that it is no copy",
    ChipReason.DATA_FORGED: "the chip's data were changed or never signed",
    ChipReason.WRONG_STATE_OR_KIND: "it is another state's, or another kind of document",
    ChipReason.SIGNER_NOT_VALID: "whoever signed it was not allowed to at that time",
    ChipReason.CHIP_CLONED: "the chip is a copy",
    ChipReason.CHIP_NOT_PROVEN: "the chip refused every proof that it is no copy",
}


def as_json(document: Document) -> dict[str, object]:
    """Everything but the raw files."""
    access, judgement, portrait = document.access, document.judgement, document.portrait
    return {
        "access": {
            "protocol": access.protocol,
            "algorithm": access.algorithm,
            "curve": access.curve,
            "password": access.password,
            "offered": list(access.offered),
            "fallback": access.fallback,
        },
        "files": [
            {"name": name, "length": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
            for name, raw in document.files.items()
        ],
        "mrz": _fields(document.mrz),
        "citizen": _fields(document.citizen),
        "portrait": {"format": portrait.format, "width": portrait.width, "height": portrait.height}
        if portrait
        else None,
        "checks": dict(judgement.checks),
        "verdict": judgement.verdict,
        "reasons": list(judgement.reasons),
        "alarm": judgement.alarm,
        "expired": document.is_expired,
        "contradictions": list(document.contradictions),
        "unusable": list(document.unusable),
        "signer": judgement.signer,
        "chip_key": judgement.chip_key,
        "security_object": judgement.security_object,
        "apdus": document.exchanges,
        "bytes": document.bytes_read,
        "seconds": round(document.seconds, 3),
    }


def in_words(document: Document) -> list[str]:
    """The same in a few lines."""
    judgement = document.judgement
    lines = [f"{judgement.verdict}  {', '.join(judgement.reasons)}".rstrip()]
    lines += [f"  {_MEANS[reason]}" for reason in judgement.reasons]
    lines += _holder(document.citizen)
    lines += ["  the document has expired"] if document.is_expired else []
    lines += [f"  contradicts itself or the code: {name}" for name in document.contradictions]
    lines += [f"  cannot be understood: {name}" for name in document.unusable]
    lines += [f"  {check}: {outcome}" for check, outcome in judgement.checks.items()]
    access = document.access
    lines.append(f"  opened by {access.protocol}, {access.algorithm}")
    lines.append(f"  {document.exchanges} commands, {document.bytes_read} bytes, {document.seconds:.2f} s")
    return lines


def _holder(citizen: CitizenData | None) -> list[str]:
    if citizen is None:
        return []
    return [f"  {citizen.name}, {citizen.number}, born {citizen.birth_date}"]


def _fields(known: object) -> dict[str, object] | None:
    """A flat dataclass by its fields; dates become text when the JSON is written."""
    if known is None:
        return None
    return {field.name: getattr(known, field.name) for field in fields(known)}  # type: ignore[arg-type] # any dataclass
