"""What the patient's screen says of a chip card: an offer, how far it is, and what to do next. Never a dead end."""

from dataclasses import dataclass

from kiosk.errors import CardProblem
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.model.chip_card import ChipVerdict
from kiosk.model.chip_evidence import CardPhase, CardState
from kiosk.web.language import gettext

NO_EXPIRY_YEAR = 2099
"""A card without expiry has 991231 in its zone (see `kiosk/identify/chip_card/mrz.py`)."""


@dataclass(frozen=True, slots=True)
class CardPanel:
    """One box about the card.

    Attributes:
        kind: ``offer``, ``reading``, ``done`` or ``problem``.
        lays: whether the drawing shows how the card is laid on the reader.
        done, total: files.
        asks_expiry: whether the expiry date may open the chip.
    """

    kind: str
    text: str
    lays: bool = False
    done: int = 0
    total: int = 0
    asks_expiry: bool = False


def card_panel(view: CheckInView | None, *, has_reader: bool, reader_dead: bool = False) -> CardPanel | None:
    """What to say of the card now; nothing at a kiosk without a reader, and nothing that would only be in the way.

    A reader that is known not to work is not offered; where a card could have been laid, the patient reads so.
    """
    if view is None or view.ticket is not None or not has_reader:
        return None
    if view.chip:
        return CardPanel("done", read_text(view))
    if view.card:
        return _of_state(view, view.card)
    if reader_dead:
        asked = view.takes_card and view.stage is Stage.IS_THIS_YOU
        return CardPanel("problem", problem_text(CardProblem.NO_READER)) if asked else None
    return _offer(view)


def card_note(view: CheckInView | None) -> str | None:
    """Beside the number: what becomes of the chip, and that the card must not be forgotten."""
    if view is None or view.chip is None:
        return None
    if view.chip.verdict is ChipVerdict.REFUSED:
        return gettext("Chưa dùng được chip của thẻ; nhân viên sẽ xem thẻ. Ông/bà nhớ cầm lại thẻ.")
    if view.chip.expired:
        return gettext("Thẻ đã hết hạn; nhân viên sẽ hướng dẫn đổi thẻ. Ông/bà nhớ cầm lại thẻ.")
    return gettext("Ông/bà nhớ cầm lại thẻ.")


def read_text(view: CheckInView) -> str:
    """What a chip that was read is worth, in a patient's words."""
    if view.chip is None:
        return ""
    if view.chip.expired:
        return gettext("Đã đọc chip. Thẻ đã hết hạn; ông/bà vẫn đăng ký khám bình thường.")
    if view.chip.verdict is ChipVerdict.GENUINE:
        return gettext("Đã đọc chip: thẻ thật. Ông/bà nhớ cầm lại thẻ.")
    if view.chip.issuer_unknown:
        return gettext("Đã đọc chip. Nơi cấp thẻ chưa được xác minh; ông/bà cứ tiếp tục và nhớ cầm lại thẻ.")
    return gettext("Đã đọc chip. Ông/bà cứ tiếp tục và nhớ cầm lại thẻ.")


def _offer(view: CheckInView) -> CardPanel | None:
    if not view.takes_card:
        return None
    if view.stage is Stage.IS_THIS_YOU:
        text = gettext("Mời ông/bà đặt thẻ căn cước lên đầu đọc để chắc chắn hơn. Không có thẻ, ông/bà cứ tiếp tục.")
        return CardPanel("offer", text, lays=True)
    if view.stage is Stage.BIRTH_DATE:
        return CardPanel("offer", gettext("Hoặc đặt thẻ căn cước lên đầu đọc: không cần nhập ngày sinh."))
    return None


def _of_state(view: CheckInView, card: CardState) -> CardPanel | None:
    if card.phase is CardPhase.READING:
        text = gettext("Đang đọc chip. Mời ông/bà để thẻ nằm yên trên đầu đọc.")
        return CardPanel("reading", text, done=card.done, total=card.total)
    if card.phase is CardPhase.READ:
        return CardPanel("reading", gettext("Đã đọc xong chip. Máy đang kiểm tra."), done=1, total=1)
    if card.phase is CardPhase.LIFT:
        text = gettext("Trên đầu đọc đang có một thẻ. Nếu là thẻ của ông/bà, mời nhấc lên rồi đặt lại.")
        return CardPanel("problem", text, lays=view.stage is Stage.IS_THIS_YOU)
    if card.phase is CardPhase.NEEDS_NUMBER:
        text = gettext("Máy đã thấy thẻ. Mời ông/bà nhấc thẻ, đưa mã QR trên thẻ vào trước ô kính, hoặc nhập số thẻ.")
        if view.stage is Stage.STARTED:
            return CardPanel("problem", text)
        words = gettext("Trên đầu đọc vừa có một thẻ. Nếu màn hình này không phải của ông/bà, mời chạm Quay lại.")
        return CardPanel("problem", words)
    return _problem(view, card)


def _problem(view: CheckInView, card: CardState) -> CardPanel:
    problem = card.problem or CardProblem.NO_READER
    if problem is CardProblem.WRONG_KEY and card.tries_left == 0:
        problem = CardProblem.THROTTLED
    again = problem in {CardProblem.REMOVED, CardProblem.NO_ANSWER, CardProblem.NO_CARD}
    asks_expiry = view.takes_expiry and problem in {CardProblem.WRONG_KEY, CardProblem.UNSUPPORTED}
    lays = again and view.stage is Stage.IS_THIS_YOU
    return CardPanel("problem", problem_text(problem), lays=lays, asks_expiry=asks_expiry)


def problem_text(problem: CardProblem) -> str:
    """What to do about a card that could not be read, for each case that a patient can tell apart."""
    once_more = gettext("Chưa đọc được chip. Mời ông/bà đặt lại một lần nữa, hoặc cứ tiếp tục; nhân viên sẽ xem thẻ.")
    no_reader = gettext("Đầu đọc thẻ tạm chưa dùng được; nhân viên đã được báo. Ông/bà cứ tiếp tục, không cần thẻ.")
    return {
        CardProblem.SERVICE_DOWN: no_reader,
        CardProblem.NO_READER: no_reader,
        CardProblem.NO_CARD: gettext("Mời ông/bà đặt thẻ lên đầu đọc."),
        CardProblem.REMOVED: gettext("Thẻ rời đầu đọc hơi sớm. Mời ông/bà đặt lại và để yên đến khi đọc xong."),
        CardProblem.NO_ANSWER: gettext("Chip chưa trả lời. Mời ông/bà lấy thẻ ra khỏi ví hoặc bao, rồi đặt lại."),
        CardProblem.WRONG_KEY: gettext("Chip chưa khớp với số đã đưa. Mời ông/bà xem có đúng thẻ không, rồi đặt lại."),
        CardProblem.THROTTLED: gettext(
            "Chip của thẻ đang tạm khóa sau nhiều lần mở. Ông/bà cứ tiếp tục; nhân viên sẽ xem thẻ."
        ),
        CardProblem.UNSUPPORTED: gettext(
            "Thẻ này không có chip đọc được, có thể là thẻ cũ. Ông/bà cứ tiếp tục, không cần chip."
        ),
        CardProblem.SECURE_MESSAGING: once_more,
        CardProblem.MALFORMED: once_more,
    }[problem]
