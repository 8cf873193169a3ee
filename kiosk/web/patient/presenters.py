"""From a check-in's stage to the one question on the screen, and the sentence that is spoken with it."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from kiosk.model.check_in_view import CheckInView, TicketView
from kiosk.model.checkin import Intent, Stage
from kiosk.model.clinic import RECEPTION
from kiosk.model.queue import PrintState
from kiosk.web.language import gettext, ngettext
from kiosk.web.patient.face import enrolment_note, face_notice, face_state, guide_text

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
    asked = {
        Stage.FACE_CONSENT: face_consent_page,
        Stage.FACE: face_page,
        Stage.BIRTH_DATE: birth_date_page,
        Stage.LAST_FOUR: last_four_page,
        Stage.IS_THIS_YOU: is_this_you_page,
        Stage.ENROL_CONSENT: enrol_consent_page,
        Stage.CHOOSING: where_page,
        Stage.KEPT: kept_page,
        Stage.FORGOTTEN: forgotten_page,
    }
    return asked.get(view.stage, show_page)(view)


def mark_of(view: CheckInView | None, dead: Collection[str] = ()) -> str:
    """A word that changes with the page, and tells nothing of it; `news` has what changes while a page stays.

    Args:
        view: the check-in on the screen.
        dead: devices that do not work.
    """
    if view is None:
        return "-".join(("none", *sorted({"camera", "scanner"} & set(dead))))
    asks = sorted(dead) if view.stage is Stage.STARTED else []
    shown = (view.ticket.print_state, view.ticket.called) if view.ticket else ""
    return hashlib.sha256(f"{view.id}:{view.version}:{shown}:{asks}".encode()).hexdigest()[:16]


def show_page(view: CheckInView) -> Page:
    """Hold a card before the window."""
    if view.intent is Intent.FORGET_FACE:
        words = gettext("Để xóa khuôn mặt của ông/bà, máy cần biết ông/bà là ai. Mời ông/bà đưa thẻ trước ô kính.")
        return Page("show", 2, words)
    if view.face.offered:
        words = gettext("Mời ông/bà đưa mã trên thẻ hoặc trên giấy vào trước ô kính, hoặc chạm vào nút Bằng khuôn mặt.")
        return Page("show", 2, words)
    return Page("show", 2, gettext("Mời ông/bà đưa mã trên thẻ hoặc trên giấy vào trước ô kính."))


def without_camera(page: Page) -> Page:
    """The same step where nobody can be seen: no sentence asks to hold anything before the window."""
    return Page(page.name, page.step, gettext("Mời ông/bà nhập số trên thẻ, hoặc gọi nhân viên."))


def number_page() -> Page:
    """Type a number."""
    return Page("number", 2, gettext("Mời ông/bà nhập số trên thẻ hoặc mã người bệnh."))


def face_consent_page(view: CheckInView) -> Page:
    """Whether the face may be compared: two answers, neither before the other."""
    words = gettext(
        "Ông/bà có đồng ý để máy so khuôn mặt không? Ảnh không được lưu lại. "
        "Mời ông/bà chạm vào So khuôn mặt của tôi, hoặc Nhân viên đối chiếu."
    )
    return Page("face_consent", 2 if view.face.searches else 3, words)


def face_page(view: CheckInView) -> Page:
    """One instruction at a time before the camera."""
    return Page("face", 2 if view.face.searches else 3, guide_text(face_state(view).guide))


def birth_date_page(_: CheckInView) -> Page:
    """The same for a number or a face that is known and one that is not."""
    return Page("birth_date", 3, gettext("Mời ông/bà nhập ngày sinh."))


def last_four_page(_: CheckInView) -> Page:
    """Where a birth date is shared by many."""
    return Page("last_four", 3, gettext("Mời ông/bà nhập bốn số cuối của số căn cước."))


def is_this_you_page(_: CheckInView) -> Page:
    """A masked name."""
    return Page("is_this_you", 3, gettext("Tên trên màn hình có phải là tên của ông/bà không?"))


def expiry_page() -> Page:
    """The date printed on the card, for chips that open with nothing less."""
    return Page("expiry", 3, gettext("Mời ông/bà nhập ngày hết hạn in trên thẻ."))


def enrol_consent_page(_: CheckInView) -> Page:
    """Whether the face may be kept: never a condition."""
    words = gettext(
        "Ông/bà có muốn lưu khuôn mặt cho lần sau không? Không lưu vẫn khám bình thường. "
        "Mời ông/bà chạm vào Lưu khuôn mặt của tôi, hoặc Không lưu."
    )
    return Page("enrol_consent", 4, words)


def where_page(view: CheckInView) -> Page:
    """Which of today's appointments, or which clinic."""
    if view.appointments:
        return Page("appointments", 4, gettext("Ông/bà có lịch hẹn hôm nay. Mời ông/bà chọn để lấy số thứ tự."))
    return clinics_page()


def other_clinic_page() -> Page:
    """Another clinic in place of the one that was chosen."""
    return Page("other_clinic", STEPS, gettext("Mời ông/bà chọn lại phòng khám. Số cũ chỉ bỏ khi có số mới."))


def clinics_page() -> Page:
    """Which clinic, without an appointment."""
    return Page("clinics", 4, gettext("Mời ông/bà chọn phòng khám."))


def kept_page(view: CheckInView) -> Page:
    """What became of the face of whom reception sent."""
    return Page("kept", STEPS, enrolment_note(view) or "")


def forgotten_page(_: CheckInView) -> Page:
    """The same whether or not a face was kept."""
    return Page("forgotten", STEPS, gettext("Ở đây không còn lưu khuôn mặt của ông/bà."))


def speak_ticket(ticket: TicketView) -> str:
    """The queue number and where to go; for whom was called, that it is now."""
    if ticket.called:
        return called_text(ticket)
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
    """How many wait before this patient, or that it is their turn."""
    if ticket.called:
        return gettext("Ông/bà đã được mời.")
    if ticket.ahead == 0:
        return gettext("Ông/bà là người tiếp theo.")
    words = ngettext(
        "Trước ông/bà còn %(count)s người.",
        "Trước ông/bà còn %(count)s người.",
        ticket.ahead,
    )
    return words % {"count": ticket.ahead}


def called_text(ticket: TicketView) -> str:
    """Who was called reads so, and where: exactly the one who is late would sit down otherwise."""
    if ticket.clinic_id == RECEPTION:
        return gettext("Ông/bà đã được mời. Mời ông/bà đến quầy tiếp đón ngay.")
    return gettext("Ông/bà đã được mời. Mời ông/bà vào %(room)s ngay.") % {"room": room_label(ticket.room)}


def paper_text(ticket: TicketView, *, has_printer: bool) -> str:
    """What became of the paper; a patient without one keeps the number in mind."""
    if not has_printer:
        return gettext("Mời ông/bà nhớ số này.")
    if ticket.print_state is PrintState.FAILED:
        return gettext("Chưa in được; mời nhớ số này.")
    if ticket.print_state is PrintState.PRINTED:
        return gettext("Mời ông/bà lấy phiếu.")
    return gettext("Đang in phiếu.")


def notice(view: CheckInView | None, said: str | None, dead: Collection[str] = ()) -> str | None:
    """What to tell before the question: calmly, without blame, with the next way."""
    return _said(said) or _began_over(view) or _of_dead(view, dead) or _of_view(view)


def _began_over(view: CheckInView | None) -> str | None:
    """On the first page after another card was shown, whatever that page is."""
    at_first = view is not None and view.stage in {Stage.BIRTH_DATE, Stage.IS_THIS_YOU, Stage.RECEPTION}
    if view is None or not view.began_over or not at_first or view.missed or view.problem:
        return None
    return gettext("Thẻ khác vừa được đưa vào: bắt đầu lại.")


def _of_dead(view: CheckInView | None, dead: Collection[str]) -> str | None:
    """A camera that does not work is said where a card would be shown, with another way."""
    asks = view is None or view.stage is Stage.STARTED
    if "camera" not in dead or not asks or (view and view.problem):
        return None
    if view is None:
        return gettext("Máy quay tạm chưa dùng được; ông/bà vẫn đăng ký được bằng cách nhập số.")
    if view.typing_closed:
        return gettext("Máy quay tạm chưa dùng được. Mời ông/bà gọi nhân viên, hoặc đến quầy tiếp đón.")
    return gettext("Máy quay tạm chưa dùng được. Mời ông/bà nhập số, hoặc đến quầy tiếp đón.")


def _of_view(view: CheckInView | None) -> str | None:
    if view is None or view.ticket is not None:
        return None
    if view.typing_closed and view.stage is Stage.STARTED:
        return gettext("Máy đang tạm ngừng nhận số nhập tay. Mời ông/bà đưa thẻ, hoặc đến quầy tiếp đón.")
    if view.problem:
        return _unusable(view.problem, view.stage)
    if view.missed:
        return _missed(view)
    if view.record_unreachable and view.stage is Stage.CHOOSING:
        return gettext("Chưa mở được hồ sơ bệnh án. Ông/bà vẫn lấy số thứ tự; hồ sơ sẽ được tìm sau.")
    return face_notice(view)


def _missed(view: CheckInView) -> str:
    """The same for somebody and nobody."""
    by_number = ngettext(
        "Số và ngày sinh chưa khớp; còn %(count)s lần nhập.",
        "Số và ngày sinh chưa khớp; còn %(count)s lần nhập.",
        view.tries_left,
    )
    by_face = ngettext(
        "Chưa khớp; còn %(count)s lần nhập.",
        "Chưa khớp; còn %(count)s lần nhập.",
        view.tries_left,
    )
    return (by_face if view.face.leads else by_number) % {"count": view.tries_left}


def _unusable(problem: str, stage: Stage) -> str:
    if stage not in {Stage.STARTED, Stage.BIRTH_DATE}:
        return gettext(
            "Vừa có một mã chưa dùng được. Nếu màn hình này không phải của ông/bà, mời chạm Quay lại rồi đưa thẻ."
        )
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
        "bad_digits": gettext("Mời ông/bà nhập đủ bốn chữ số."),
        "lay_again": gettext("Cảm ơn ông/bà. Mời ông/bà đặt thẻ lên đầu đọc."),
        "not_changed": gettext("Chưa đổi được phòng khám; số của ông/bà vẫn giữ nguyên."),
        "changed": gettext("Đã đổi phòng; số cũ đã bỏ."),
        "choose_again": gettext("Phòng khám vừa ngừng nhận. Mời ông/bà chọn lại."),
    }
    return words.get(word or "")
