import numpy as np
import pytest
from PIL import Image

from kiosk.hardware.ticket_layout import DOTS, TicketFonts, draw_ticket, fonts_of_host
from kiosk.identify.codes.images import read_codes
from kiosk.ports.devices import TicketText

TICKET = TicketText(
    lines=(
        "Bệnh viện Đa khoa Phước Hòa",
        "Số thứ tự · Queue number",
        "Phòng 201",
        "Khoa Phẫu thuật chỉnh hình và Phục hồi chức năng",
        "Mời ông/bà ngồi chờ. · Please take a seat.",
    ),
    number="142",
    code="6f1c9f0e2b7a4d5c8e3f1a2b3c4d5e6f",
)
NONE = TicketFonts(None, None)


def codes(picture: Image.Image) -> list[str]:
    return [code.text for code in read_codes(np.asarray(picture.convert("L"), dtype=np.uint8))]


@pytest.mark.parametrize("paper_mm", [58, 80])
@pytest.mark.parametrize("fonts", [fonts_of_host(), NONE], ids=["font of the host", "no font"])
def test_a_ticket_is_as_wide_as_the_paper_prints_and_its_code_reads(paper_mm: int, fonts: TicketFonts) -> None:
    picture = draw_ticket(TICKET, paper_mm, fonts)
    assert picture.width == DOTS[paper_mm]
    assert codes(picture) == [TICKET.code]


def test_marks_are_printed_where_the_host_has_a_font_for_them() -> None:
    fonts = fonts_of_host()
    assert fonts.printable("Tiếp đón") == "Tiếp đón"
    marked, plain = (draw_ticket(TicketText(("", "", text), "1", "c"), 80, fonts) for text in ("ĐỢI", "DOI"))
    assert np.asarray(marked).sum() != np.asarray(plain).sum()


def test_without_a_font_the_words_lose_their_marks_and_stay_readable() -> None:
    assert NONE.printable("Phòng khám Đa khoa · Số thứ tự") == "Phong kham Da khoa - So thu tu"


def test_no_line_runs_over_the_edge() -> None:
    long = TicketText(("Bệnh viện " * 12, "", "Phòng khám " * 9), "1234", "c")
    picture = np.asarray(draw_ticket(long, 58, fonts_of_host()))
    assert picture[:, :1].all()
    assert picture[:, -1:].all()


def test_a_receipt_has_neither_number_nor_code() -> None:
    receipt = draw_ticket(TicketText(TICKET.lines), 80, fonts_of_host())
    assert receipt.height < draw_ticket(TICKET, 80, fonts_of_host()).height / 2
    assert codes(receipt) == []
