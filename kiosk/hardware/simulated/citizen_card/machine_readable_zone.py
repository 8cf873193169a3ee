"""The machine readable zone as it is printed and stored in DG1 (ICAO Doc 9303-3, -4 and -5)."""

import unicodedata
from datetime import date

from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.model.identity import PartialDate, Sex

NO_EXPIRY = "991231"
_WEIGHTS = (7, 3, 1)
_TD1_LINE, _TD3_LINE = 30, 44


def check_digit(text: str) -> str:
    """Weights 7, 3, 1; letters count from 10, the filler is nought (9303-3, 4.9)."""
    values = (0 if char == "<" else int(char, 36) for char in text)
    return str(sum(value * _WEIGHTS[at % 3] for at, value in enumerate(values)) % 10)


def td1(holder: Holder, state: str) -> str:
    """Three lines of 30; in Vietnam line 1 carries the citizen number and its check digit at the end."""
    number = holder.document_number
    first = f"ID{state}{number}{check_digit(number)}{holder.number}<<{check_digit(holder.number)}"
    birth, expiry = _birth(holder.birth_date), _expiry(holder.expires_on)
    second = f"{birth}{check_digit(birth)}{_sex(holder.sex)}{expiry}{check_digit(expiry)}{state}".ljust(29, "<")
    composite = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    return first + second + check_digit(composite) + _name(holder.name, _TD1_LINE)


def td3(holder: Holder, state: str) -> str:
    """A passport's two lines of 44."""
    number = f"C{holder.number[-7:]}".ljust(9, "<")
    birth, expiry = _birth(holder.birth_date), _expiry(holder.expires_on)
    optional = holder.number.ljust(14, "<")
    second = f"{number}{check_digit(number)}{state}{birth}{check_digit(birth)}{_sex(holder.sex)}"
    second += f"{expiry}{check_digit(expiry)}{optional}{check_digit(optional)}"
    composite = second[0:10] + second[13:20] + second[21:43]
    return f"P<{state}" + _name(holder.name, _TD3_LINE - 5) + second + check_digit(composite)


def information(mrz: str) -> str:
    """What BAC and PACE are keyed with: number, birth and expiry date, each with its check digit (9303-11, 4.3.2)."""
    if len(mrz) == 2 * _TD3_LINE:
        second = mrz[_TD3_LINE:]
        return second[0:10] + second[13:20] + second[21:28]
    first, second = mrz[:_TD1_LINE], mrz[_TD1_LINE : 2 * _TD1_LINE]
    return first[5:15] + second[0:7] + second[8:15]


def _birth(birth_date: PartialDate) -> str:
    month = "<<" if birth_date.month is None else f"{birth_date.month:02}"
    day = "<<" if birth_date.day is None else f"{birth_date.day:02}"
    return f"{birth_date.year % 100:02}{month}{day}"


def _expiry(expires_on: date | None) -> str:
    return expires_on.strftime("%y%m%d") if expires_on else NO_EXPIRY


def _sex(sex: Sex) -> str:
    return "F" if sex is Sex.FEMALE else "M"


def _name(name: str, width: int) -> str:
    """Surname first, without diacritics, cut to the line."""
    plain = unicodedata.normalize("NFD", name.upper().replace("Đ", "D"))
    letters = "".join(char for char in plain if char.isascii() and (char.isalpha() or char.isspace()))
    surname, *given = letters.split()
    return f"{surname}<<{'<'.join(given)}"[:width].ljust(width, "<")
