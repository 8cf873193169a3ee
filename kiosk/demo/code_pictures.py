"""Pictures of cards and codes to hold before the simulated camera: drawn, never photographs of real cards."""

from typing import Literal

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from kiosk.demo.hospital.cards import Card, CodeKind, slashed_date
from kiosk.demo.hospital.people import InventedPatient

Picture = NDArray[np.uint8]
Colour = tuple[int, int, int]
"""Blue, green, red."""

FORMATS = {"qr": zxingcpp.BarcodeFormat.QRCode, "code128": zxingcpp.BarcodeFormat.Code128}
CARD = (600, 951)
"""Rows and columns of a card of ISO/IEC 7810 ID-1, 54 mm by 85.6 mm; a camera of 1280 x 720 sees it whole."""
CODE_SPACE = (400, 460)
"""Rows and columns that a code may take on it."""
INK: Colour = (60, 40, 30)
PAPER: Colour = (252, 252, 252)
TITLES: dict[str, tuple[str, Colour]] = {
    "citizen": ("THẺ CĂN CƯỚC – MÔ PHỎNG", (170, 150, 60)),
    "insurance": ("THẺ BẢO HIỂM Y TẾ – MÔ PHỎNG", (90, 140, 60)),
    "hospital_code": ("PHIẾU HẸN KHÁM – MÔ PHỎNG", (150, 110, 90)),
}


def draw_code(payload: str, kind: CodeKind, scale: int = 1) -> Picture:
    """A code in grey, with its quiet zone.

    Args:
        payload: text; in a Code 128 ASCII only.
        kind: QR (error correction M) or Code 128.
        scale: pixels for each module.
    """
    options = {"ec_level": "M"} if kind == "qr" else {}
    code = zxingcpp.create_barcode(payload, FORMATS[kind], **options)
    return np.array(code.to_image(scale=scale), dtype=np.uint8)


def code_picture(payload: str, kind: CodeKind = "qr", encoding: Literal["png", "jpeg"] = "jpeg") -> bytes:
    """A code on a blank card, large enough for a camera."""
    return _encoded(_card(payload, kind, "", (140, 140, 140), ()), encoding)


def card_picture(patient: InventedPatient, card: Card, encoding: Literal["png", "jpeg"] = "jpeg") -> bytes:
    """One of a patient's cards as the camera would see it."""
    title, band = TITLES[card.kind]
    number = {
        "citizen": patient.citizen_id,
        "insurance": patient.insurance and patient.insurance.number,
        "hospital_code": patient.hospital_code,
    }[card.kind]
    lines = (
        patient.card_name or patient.name,
        slashed_date(patient.card_birth_date or patient.birth_date),
        number or "",
    )
    return _encoded(_card(card.payload, card.code, title, band, lines), encoding)


def _card(payload: str, kind: CodeKind, title: str, band: Colour, lines: tuple[str, ...]) -> Picture:
    card = np.full((*CARD, 3), PAPER, dtype=np.uint8)
    card[:90] = band
    _write(card, title, (36, 60), PAPER, 32)
    for number, line in enumerate(lines):
        _write(card, line, (36, 200 + 70 * number), INK, 28)
    code = draw_code(payload, kind, _scale_for(draw_code(payload, kind)))
    rows, columns = code.shape
    top, left = CARD[0] - rows - 50, CARD[1] - columns - 30
    card[top : top + rows, left : left + columns] = code[:, :, np.newaxis]
    return card


def _scale_for(code: Picture) -> int:
    """The largest whole number of pixels for a module that fits."""
    rows, columns = CODE_SPACE
    height, width = code.shape
    return max(1, int(min(rows // height, columns // width)))


def _write(card: Picture, text: str, at: tuple[int, int], colour: Colour, size: int) -> None:
    # OpenCV's built-in "sans" has every Vietnamese letter
    cv2.putText(card, text, at, colour, cv2.FontFace("sans"), size)


def _encoded(picture: Picture, encoding: Literal["png", "jpeg"]) -> bytes:
    _, data = cv2.imencode(".jpg" if encoding == "jpeg" else ".png", picture)
    return data.tobytes()
