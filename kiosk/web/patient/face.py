"""What the patient's screen says of a face: the questions for consent, one instruction at a time, and what became."""

from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Enrolment, Stage
from kiosk.model.face import FaceGuide, FaceState
from kiosk.model.queue import PrintState
from kiosk.web.language import gettext

WAITING = FaceState(FaceGuide.WAIT)
CAPTURE_PERCENT = 100


def face_state(view: CheckInView) -> FaceState:
    """How far the station is; it opens the camera until it says more."""
    return view.face.state or WAITING


def percent(state: FaceState) -> int:
    """How far the ring is drawn."""
    return min(CAPTURE_PERCENT, round(CAPTURE_PERCENT * state.done / max(1, state.total)))


def guide_text(guide: FaceGuide) -> str:
    """The one instruction on the screen."""
    return {
        FaceGuide.WAIT: gettext("Máy đang mở máy quay"),
        FaceGuide.COME: gettext("Mời ông/bà đứng trước máy, mặt ở trong khung"),
        FaceGuide.ONE_PERSON: gettext("Mời từng người một đứng trước máy"),
        FaceGuide.CENTRE: gettext("Mời ông/bà đưa mặt vào giữa khung"),
        FaceGuide.CLOSER: gettext("Mời ông/bà lại gần thêm một chút"),
        FaceGuide.FURTHER: gettext("Mời ông/bà lùi ra một chút"),
        FaceGuide.LOOK: gettext("Mời ông/bà nhìn thẳng vào máy quay"),
        FaceGuide.MORE_LIGHT: gettext("Hơi tối: mời ông/bà quay mặt ra chỗ sáng"),
        FaceGuide.LESS_LIGHT: gettext("Hơi chói: mời ông/bà tránh chỗ quá sáng"),
        FaceGuide.HOLD_STILL: gettext("Mời ông/bà giữ yên một chút"),
        FaceGuide.UNCOVER: gettext("Mời ông/bà bỏ khẩu trang, mũ, kính râm"),
        FaceGuide.TURN_LEFT: gettext("Mời ông/bà từ từ quay đầu sang trái"),
        FaceGuide.TURN_RIGHT: gettext("Mời ông/bà từ từ quay đầu sang phải"),
        FaceGuide.DONE: gettext("Đã chụp xong, máy đang so khuôn mặt"),
    }[guide]


def consent_lead(view: CheckInView) -> str:
    """With whom the face is compared, before anything is taken."""
    if view.face.searches:
        return gettext("Máy tìm khuôn mặt của ông/bà trong những người đã đồng ý cho lưu ở bệnh viện này.")
    if view.chip:
        return gettext("Máy so với ảnh trong thẻ, hoặc với khuôn mặt ông/bà đã cho lưu.")
    return gettext("Máy so với khuôn mặt ông/bà đã cho lưu.")


def face_notice(view: CheckInView) -> str | None:
    """What to tell of the face before the question, calmly and with the next way."""
    if view.stage is Stage.FACE and view.face.again:
        return gettext("Mời ông/bà làm lại một lần nữa.")
    if view.stage is Stage.STARTED and view.face.closed:
        return gettext("Hôm nay mời ông/bà dùng thẻ hoặc mã.")
    return None


def receipt_text(view: CheckInView | None, *, has_printer: bool) -> str | None:
    """What became of the paper that says that a face was forgotten."""
    if view is None or view.receipt is None or not has_printer:
        return None
    if view.receipt is PrintState.FAILED:
        return gettext("Chưa in được giấy xác nhận; khuôn mặt vẫn đã được xóa.")
    if view.receipt is PrintState.PRINTED:
        return gettext("Mời ông/bà lấy giấy xác nhận.")
    return gettext("Đang in giấy xác nhận.")


def enrolment_note(view: CheckInView | None) -> str | None:
    """Beside the number: what became of keeping the face."""
    if view is None:
        return None
    return {
        Enrolment.DONE: gettext("Đã lưu khuôn mặt."),
        Enrolment.NOT_KEPT: gettext("Chưa lưu được khuôn mặt."),
        Enrolment.DECLINED: gettext("Không lưu khuôn mặt.") if view.stage is Stage.KEPT else None,
    }.get(view.face.enrolment)
