"""From a check-in's stage to the one question on the screen, and the sentence that is spoken with it."""

import hashlib
from dataclasses import dataclass

from kiosk.model.checkin import CheckInView, Stage, TicketView
from kiosk.model.clinic import RECEPTION
from kiosk.model.queue import PrintState
from kiosk.web.language import gettext, ngettext

STEPS = 5
"""Welcome, show something, is this you, where to, your number."""
STRUGGLING_AFTER = 2
"""The failure at which a person is told to come."""


@dataclass(frozen=True, slots=True)
class Page:
    """One screen.

    Attributes:
        name: of its template, and what scripts know it by.
        step: 1 to `STEPS`, for the progress line.
        speak: its sentence; never a name or the number of a card.
    """

    name: str
    step: int
    speak: str


def page_of(view: CheckInView | None) -> Page:
    """The screen for a check-in; the welcome screen for nobody."""
    if view is None:
        return Page("welcome", 1, gettext("Kính chào ông/bà. Mời ông/bà chạm vào nút Bắt đầu để đăng ký khám."))
    if view.ticket is not None:
        return Page("ticket", STEPS, speak_ticket(view.ticket))
    if view.stage is Stage.BIRTH_DATE:
        return birth_date_page()
    if view.stage is Stage.IS_THIS_YOU:
        return Page("is_this_you", 3, gettext("Tên trên màn hình có phải là tên của ông/bà không?"))
    if view.stage is Stage.CHOOSING:
        return appointments_page() if view.appointments else clinics_page()
    return show_page()


def mark_of(view: CheckInView | None) -> str:
    """A word that changes with what the screen shows, and tells nothing of it."""
    if view is None:
        return "none"
    paper = view.ticket.print_state if view.ticket else ""
    card = (view.card.phase, view.card.problem, view.card.tries_left) if view.card and not view.ticket else ""
    return hashlib.sha256(f"{view.id}:{view.version}:{paper}:{card}".encode()).hexdigest()[:16]


def show_page() -> Page:
    """Hold a card before the window."""
    return Page("show", 2, gettext("Mời ông/bà đưa mã trên thẻ hoặc trên giấy vào trước ô kính."))


def number_page() -> Page:
    """Type a number."""
    return Page("number", 2, gettext("Mời ông/bà nhập số trên thẻ hoặc mã người bệnh."))


def birth_date_page() -> Page:
    """The same for a number that exists and one that does not."""
    return Page("birth_date", 3, gettext("Mời ông/bà nhập ngày sinh."))


def expiry_page() -> Page:
    """The date printed on the card, for chips that open with nothing less."""
    return Page("expiry", 3, gettext("Mời ông/bà nhập ngày hết hạn in trên thẻ."))


def appointments_page() -> Page:
    """Which of today's appointments."""
    return Page("appointments", 4, gettext("Ông/bà có lịch hẹn hôm nay. Mời ông/bà chọn để lấy số thứ tự."))


def clinics_page() -> Page:
    """Which clinic, without an appointment."""
    return Page("clinics", 4, gettext("Mời ông/bà chọn phòng khám."))


def speak_ticket(ticket: TicketView) -> str:
    """The queue number and where to go."""
    if ticket.clinic_id == RECEPTION:
        words = gettext("Số thứ tự của ông/bà là %(number)s. Mời ông/bà đến quầy tiếp đón.")
        return words % {"number": ticket.number}
    words = gettext("Số thứ tự của ông/bà là %(number)s. Mời ông/bà đến %(room)s.")
    return words % {"number": ticket.number, "room": room_label(ticket.room)}


def room_label(room: str) -> str:
    """A room's label in the patient's language: the settings give it in Vietnamese."""
    word, _, rest = room.partition(" ")
    return gettext("Phòng %(number)s") % {"number": rest} if word == "Phòng" and rest else room


def ahead_text(ticket: TicketView) -> str:
    """How many wait before this patient."""
    if ticket.ahead == 0:
        return gettext("Ông/bà là người tiếp theo.")
    words = ngettext(
        "Trước ông/bà còn %(count)s người.",
        "Trước ông/bà còn %(count)s người.",
        ticket.ahead,
    )
    return words % {"count": ticket.ahead}


def paper_text(ticket: TicketView, *, has_printer: bool) -> str:
    """What became of the paper; a patient without one keeps the number in mind."""
    if not has_printer:
        return gettext("Mời ông/bà nhớ số này.")
    if ticket.print_state is PrintState.FAILED:
        return gettext("Chưa in được; mời nhớ số này.")
    if ticket.print_state is PrintState.PRINTED:
        return gettext("Mời ông/bà lấy phiếu.")
    return gettext("Đang in phiếu.")


def notice(view: CheckInView | None, said: str | None) -> str | None:
    """What to tell before the question: calmly, without blame, with the next way."""
    return _said(said) or _of_view(view)


def _of_view(view: CheckInView | None) -> str | None:
    if view is None or view.ticket is not None:
        return None
    if view.typing_closed and view.stage is Stage.STARTED:
        return gettext("Máy đang tạm ngừng nhận số nhập tay. Mời ông/bà đưa thẻ, hoặc đến quầy tiếp đón.")
    if view.problem:
        return _unusable(view.problem)
    if view.missed:
        words = ngettext(
            "Số và ngày sinh chưa khớp; còn %(count)s lần nhập.",
            "Số và ngày sinh chưa khớp; còn %(count)s lần nhập.",
            view.tries_left,
        )
        return words % {"count": view.tries_left}
    if view.record_unreachable and view.stage is Stage.CHOOSING:
        return gettext("Chưa mở được hồ sơ bệnh án. Ông/bà vẫn lấy số thứ tự; hồ sơ sẽ được tìm sau.")
    return None


def _unusable(problem: str) -> str:
    if problem == "ticket_over":
        return gettext("Phiếu này không còn dùng được. Mời ông/bà đưa thẻ để lấy số mới, hoặc đến quầy tiếp đón.")
    return gettext("Chưa dùng được mã này. Mời ông/bà giữ thẻ nằm yên thêm một chút, hoặc dùng thẻ khác.")


def _said(word: str | None) -> str | None:
    words = {
        "not_me": gettext("Xin lỗi ông/bà. Mời ông/bà đưa thẻ của chính mình."),
        "unusable": gettext("Chưa dùng được số này. Mời ông/bà xem lại từng chữ số."),
        "empty": gettext("Mời ông/bà nhập số rồi chạm Tiếp tục."),
        "bad_date": gettext("Ngày sinh chưa hợp lệ. Mời ông/bà nhập lại, ví dụ 05 03 1950."),
        "bad_expiry": gettext("Ngày hết hạn chưa hợp lệ. Mời ông/bà nhập lại, ví dụ 05 03 2030."),
        "lay_again": gettext("Cảm ơn ông/bà. Mời ông/bà đặt thẻ lên đầu đọc."),
        "choose_again": gettext("Phòng khám vừa ngừng nhận. Mời ông/bà chọn lại."),
    }
    return words.get(word or "")
