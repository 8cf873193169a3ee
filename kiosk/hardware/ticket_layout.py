"""A ticket as one black-and-white picture, at 8 dots a millimetre.

No printer's own Vietnamese letters can be relied on (few have code page 1258, with marks apart from their letters), but
every one prints a raster. So the whole ticket is drawn here, with a font of the host.
"""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import qrcode
import structlog
from PIL import Image, ImageDraw, ImageFont
from qrcode.constants import ERROR_CORRECT_M

from kiosk.ports.devices import TicketText

DOTS = {58: 384, 80: 576}
"""Printable dots a line, by paper width in millimetres."""

_FONT_DIRS = (Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/truetype/dejavu"))
_FONTS = (("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"), ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"))
_ABOVE_NUMBER = 2
_GAP = 10
_QR_DOTS = 240

_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class TicketFonts:
    """A regular and a bold face that have every Vietnamese letter; None where the host has none."""

    regular: Path | None
    bold: Path | None

    def font(self, dots: int, *, bold: bool) -> _Font:
        """The face at that height."""
        path = self.bold if bold else self.regular
        return ImageFont.truetype(path, dots) if path else ImageFont.load_default(dots)

    def printable(self, text: str) -> str:
        """The text as these faces can show it: without a Vietnamese face, without marks."""
        if self.regular:
            return unicodedata.normalize("NFC", text)
        decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D").replace("·", "-"))
        return decomposed.encode("ascii", "ignore").decode()


def fonts_of_host() -> TicketFonts:
    """The first pair found (Debian: fonts-noto-core, or fonts-dejavu-core)."""
    for folder, (regular, bold) in zip(_FONT_DIRS, _FONTS, strict=True):
        if (folder / regular).is_file() and (folder / bold).is_file():
            return TicketFonts(folder / regular, folder / bold)
    _log.warning("no font with Vietnamese letters: tickets are printed without marks", device="printer")
    return TicketFonts(None, None)


def draw_ticket(ticket: TicketText, paper_mm: int, fonts: TicketFonts) -> Image.Image:
    """The ticket as a picture as wide as the paper prints.

    Two lines stand above the number; the one below it is large (where to go); the rest is small; the QR is last. A
    receipt is the same without number and QR.
    """
    width = DOTS[paper_mm]
    above, below = ticket.lines[:_ABOVE_NUMBER], ticket.lines[_ABOVE_NUMBER:]
    parts = [_text(line, width, fonts, 30, bold=False) for line in above]
    if ticket.number:
        parts.append(_text(ticket.number, width, fonts, 160, bold=True))
    parts += [_text(line, width, fonts, 48, bold=True) for line in below[:1]]
    parts += [_text(line, width, fonts, 28, bold=False) for line in below[1:]]
    if ticket.code:
        parts.append(_qr(ticket.code))
    return _stacked(parts, width)


def _text(text: str, width: int, fonts: TicketFonts, dots: int, *, bold: bool) -> Image.Image:
    font = fonts.font(dots, bold=bold)
    lines = _wrapped(fonts.printable(text), font, width)
    # room for marks above capitals and below letters, as in Ễ and ợ
    height = round(dots * 1.36)
    picture = Image.new("1", (width, height * len(lines)), 1)
    draw = ImageDraw.Draw(picture)
    for row, line in enumerate(lines):
        draw.text(((width - font.getlength(line)) / 2, row * height), line, fill=0, font=font)
    return picture


def _wrapped(text: str, font: _Font, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= width or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _qr(code: str) -> Image.Image:
    made = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=4)
    made.add_data(code)
    made.make(fit=True)
    made.box_size = max(3, _QR_DOTS // (made.modules_count + 2 * made.border))
    picture: Image.Image = made.make_image().get_image().convert("1")
    return picture


def _stacked(parts: list[Image.Image], width: int) -> Image.Image:
    height = sum(part.height + _GAP for part in parts)
    ticket = Image.new("1", (width, height), 1)
    top = 0
    for part in parts:
        ticket.paste(part, ((width - part.width) // 2, top))
        top += part.height + _GAP
    return ticket
