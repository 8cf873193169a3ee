"""What the patient's views are given, and what the browser's session says about the person before the screen.

The session is Flask's signed cookie. It holds the id of the check-in on the screen, the language, how the screen is set
and one word to say next: never a name, a number or a date.
"""

from dataclasses import dataclass
from typing import cast

from flask import current_app, session

from kiosk.errors import NotFound
from kiosk.model.check_in_view import CheckInView
from kiosk.model.checkin import AT_STATION, OVER_WITHOUT_NUMBER, Stage
from kiosk.ports.check_ins import CheckIns
from kiosk.ports.live import Bus, PreviewSource, ScreenPass
from kiosk.ports.time import Clock
from kiosk.settings import Settings
from kiosk.web.language import LANGUAGES
from kiosk.web.live import LiveFeed

SWITCHES = ("contrast", "low", "voice")
"""What a patient may set on every screen; all of it ends with the patient."""
SLACK_SECONDS = 15
"""Beyond the page's own clock: a script wipes first, this is for a page without scripts or a browser that fell over."""
PATIENCE_WITH_HELP = 6
"""Whoever asked for help waits that many times the idle time."""
ON_SCREEN = AT_STATION | OVER_WITHOUT_NUMBER


@dataclass(frozen=True, slots=True)
class KioskScreen:
    """The parts behind one kiosk's screen.

    Attributes:
        faces_on: whether faces are known at this hospital: a patient may then have theirs forgotten.
        screen_pass: whom the listener answers.
    """

    settings: Settings
    check_ins: CheckIns
    bus: Bus
    preview: PreviewSource
    clock: Clock
    feed: LiveFeed
    screen_pass: ScreenPass
    faces_on: bool = False

    @property
    def station_id(self) -> str:
        """The station whose screen this is."""
        return self.settings.station.id


def the_screen() -> KioskScreen:
    """The parts of the app at hand."""
    return cast("KioskScreen", current_app.extensions["kiosk_screen"])


def chosen_language() -> str:
    """The patient's language, Vietnamese until another is chosen."""
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def present() -> CheckInView | None:
    """The check-in that belongs on the screen now: at the station, or ended with paper and not yet put away.

    A browser that has not shown it yet, as after a restart, shows it only while whoever it is of may stand there still.
    """
    screen = the_screen()
    view = screen.check_ins.current(screen.station_id) or screen.check_ins.newest(screen.station_id)
    if view is None or not (view.stage in ON_SCREEN or view.ticket):
        return None
    # what was put away while the database could not be written is put away now
    if view.id == session.get("left") or (view.id != session.get("check_in") and _is_old(view)):
        screen.check_ins.leave(screen.station_id, view.id)
        return None
    return view


def longest_seconds(view: CheckInView | None) -> int:
    """How long a page may lie untouched before it is wiped, without the slack that its own clock needs."""
    policy = the_screen().settings.policy
    if view and (view.ticket or view.stage in OVER_WITHOUT_NUMBER):
        return policy.ticket_seconds
    return policy.idle_seconds + policy.idle_warning_seconds


def _is_old(view: CheckInView) -> bool:
    if view.shown_since is None:
        return True
    shown_for = (the_screen().clock.now() - view.shown_since).total_seconds()
    patience = PATIENCE_WITH_HELP if view.help_told and view.stage in AT_STATION else 1
    return shown_for > longest_seconds(view) * patience + SLACK_SECONDS


def shown() -> CheckInView | None:
    """The check-in that the page in the browser is about, whatever became of it."""
    check_in_id = session.get("check_in")
    if check_in_id is None:
        return None
    try:
        return the_screen().check_ins.view(the_screen().station_id, check_in_id)
    except NotFound:
        return None


def show(view: CheckInView) -> None:
    """From now on the screen is about this check-in."""
    if session.get("check_in") != view.id:
        session["check_in"] = view.id
        session.pop("problems", None)


def put_away(view: CheckInView | None) -> None:
    """The patient is done or gone: everything is forgotten, and a check-in without a number is abandoned."""
    left = view.id if view else session.get("check_in", session.get("left"))
    session.clear()
    if left:
        session["left"] = left
    if view:
        the_screen().check_ins.leave(the_screen().station_id, view.id)
        del session["left"]


def count_problems(view: CheckInView) -> int:
    """How often this patient failed: wrong birth dates, and codes that could not be used."""
    seen = session.get("problems", [0, 0])
    own = view.stage in {Stage.STARTED, Stage.BIRTH_DATE}
    if view.problem and own and view.version != seen[1]:
        session["problems"] = seen = [seen[0] + 1, view.version]
    return int(seen[0]) + view.misses


def switches() -> dict[str, bool]:
    """How the screen is set for this patient."""
    defaults = {"voice": the_screen().settings.station.voice}
    return {name: bool(session.get(name, defaults.get(name, False))) for name in SWITCHES}


def say_next(word: str) -> None:
    """Let the next page begin with a notice; `presenters.notice` has its words."""
    session["said"] = word


def to_say() -> str | None:
    """The notice for this page, once."""
    word = session.pop("said", None)
    return word if isinstance(word, str) else None
