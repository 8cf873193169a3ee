"""How staff screens write times, dates, ages and numbers; templates/staff_words.html has the words of enumerations."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from flask import Flask, request

from kiosk.model.checkin import CheckIn
from kiosk.model.clinic import RECEPTION
from kiosk.model.face import FaceOutcome
from kiosk.model.identity import Assurance, PartialDate
from kiosk.model.summary import Measurement
from kiosk.web.access import AREAS, Area, StaffParts
from kiosk.web.language import current_language, gettext

MONTHS_UNTIL = 36
"""Below that age in months a child's age is said in months."""


@dataclass(frozen=True, slots=True)
class Age:
    """An age as a doctor says it: `months` for the youngest, otherwise None."""

    years: int
    months: int | None


def install(app: Flask, parts: StaffParts) -> None:
    """Give the templates these words."""
    services = parts.services

    def clock_time(moment: datetime) -> str:
        return services.clock.to_hospital(moment).strftime("%H:%M")

    def calendar_day(moment: datetime) -> str:
        return services.clock.to_hospital(moment).strftime("%d/%m/%Y")

    def minutes_since(moment: datetime) -> int:
        return max(0, int((services.clock.now() - moment).total_seconds() // 60))

    def clinic_label(clinic_id: str | None) -> str:
        if clinic_id is None or clinic_id not in services.clinics:
            return gettext("Quầy tiếp đón") if clinic_id == RECEPTION else "—"
        clinic = services.clinics[clinic_id]
        return f"{clinic.name[current_language()]} · {clinic.room}"

    def clinic_room(clinic_id: str) -> str:
        return services.clinics[clinic_id].room if clinic_id in services.clinics else gettext("Quầy tiếp đón")

    app.add_template_filter(clock_time)
    app.add_template_filter(calendar_day)
    app.add_template_filter(minutes_since)
    app.add_template_filter(clinic_label)
    app.add_template_filter(clinic_room)
    app.add_template_filter(day_month_year)
    app.add_template_filter(decimal_number)
    app.add_template_filter(measured_value)
    app.add_template_filter(face_raised)
    app.add_template_global(area_of_request, "area_of_request")


def area_of_request() -> Area | None:
    """The area of the page at hand."""
    name = request.path.split("/")[1]
    return next((area for area in AREAS if area.name == name), None)


def face_raised(check_in: CheckIn) -> bool:
    """Whether a face is why the level is what it is: nothing that staff or a known chip say explains it alone."""
    face, chip = check_in.face, check_in.chip
    if face is None or face.outcome is not FaceOutcome.MATCH or not face.present or check_in.checked:
        return False
    if check_in.assurance is Assurance.PROVEN:
        return chip is not None and chip.holder is None
    return check_in.assurance is Assurance.VERIFIED and not (chip and chip.known)


def day_month_year(value: PartialDate | str | None) -> str:
    """``05/03/1990``, ``03/1990`` or ``1990``, as far as it is known; also from ISO text, whose time is left out."""
    if value is None:
        return "—"
    parts = str(value).split("T")[0].split("-")
    return "/".join(reversed(parts))


def decimal_number(value: float) -> str:
    """All digits, never an exponent, and the decimal sign of the language; no sign between thousands."""
    digits = format(Decimal(repr(float(value))), "f")
    if "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    digits = "0" if digits == "-0" else digits
    return digits.replace(".", ",") if current_language() == "vi" else digits


def measured_value(measured: Measurement) -> str:
    """``<0,01``, ``≥500`` or ``8,1``: what lies beyond the measurable is not said to be the limit."""
    sign = {"<=": "≤", ">=": "≥"}.get(measured.comparator, measured.comparator)
    return f"{sign}{decimal_number(measured.value)}"


def age_on(today: date, born: PartialDate) -> Age:
    """Completed years and, for the youngest, months; an unknown month or day counts as the first."""
    months = (today.year - born.year) * 12 + today.month - (born.month or 1) - (today.day < (born.day or 1))
    months = max(0, months)
    return Age(months // 12, months if months < MONTHS_UNTIL else None)
