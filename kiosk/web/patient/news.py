"""What changes on a page while it stays: the box about the chip card, and what to do before the camera.

A page's question, its forms and what was typed stay as they are; a script swaps the parts that are named here. A page
that must change has another mark (`presenters.mark_of`) and is fetched anew.
"""

import hashlib
from dataclasses import dataclass

from flask import get_template_attribute
from markupsafe import Markup

from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import Stage
from kiosk.web.patient.card import CardPanel, card_panel
from kiosk.web.patient.face import face_state, guide_text, percent


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a page, by the id of its element.

    Attributes:
        key: differs when the part must be swapped.
        say: what is spoken then.
    """

    key: str
    html: str
    say: str = ""


def news_of(view: CheckInView | None, *, has_reader: bool, reader_dead: bool = False) -> dict[str, Part]:
    """The parts of the page at hand."""
    if view is None or view.ticket is not None:
        return {}
    if view.stage is Stage.FACE:
        return _of_face(view)
    return _of_card(card_panel(view, has_reader=has_reader, reader_dead=reader_dead)) if has_reader else {}


def progress_of(view: CheckInView | None) -> dict[str, tuple[int, int]]:
    """How far each bar is, by the id of its element: done and total."""
    if view is None or view.ticket is not None:
        return {}
    if view.stage is Stage.FACE:
        return {"face-progress": (percent(face_state(view)), 100)}
    return {"card-progress": (view.card.done, view.card.total)} if view.card else {}


def card_key(panel: CardPanel | None) -> str:
    """The same while only the bar moves."""
    if panel is None:
        return ""
    said = f"{panel.kind}:{panel.text}:{panel.lays}:{panel.asks_expiry}"
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _of_card(panel: CardPanel | None) -> dict[str, Part]:
    html = str(get_template_attribute("patient/card.html", "panel")(panel)).strip() if panel else ""
    return {"card-news": Part(card_key(panel), html, panel.text if panel else "")}


def _of_face(view: CheckInView) -> dict[str, Part]:
    guide = face_state(view).guide
    words = guide_text(guide)
    drawing = str(get_template_attribute("patient/face_drawings.html", "guide")(guide.value))
    return {
        "face-words": Part(guide.value, str(Markup.escape(words)), words),
        "face-drawing": Part(guide.value, drawing.strip()),
    }
