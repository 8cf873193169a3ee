"""Cards for the tests of the card's own side: one issuer for all of them, keys made once."""

from datetime import date

import pytest

from kiosk.hardware.simulated.citizen_card.holder import Holder
from kiosk.hardware.simulated.citizen_card.image import CardImage
from kiosk.hardware.simulated.citizen_card.personalisation import Plan, personalise
from kiosk.hardware.simulated.citizen_card.pki import Issuer, new_issuer
from kiosk.model.identity import PartialDate, Sex


@pytest.fixture(scope="session")
def issuer() -> Issuer:
    return new_issuer()


@pytest.fixture(scope="session")
def plan() -> Plan:
    return Plan()


@pytest.fixture(scope="session")
def holder() -> Holder:
    return Holder(
        number="001190012345",
        name="Nguyễn Thị Mẫu",
        birth_date=PartialDate(1990, 3, 5),
        sex=Sex.FEMALE,
        residence="Số 1 Phố Ví Dụ, Phường Mẫu, Quận Thử, Hà Nội",
        issued_on=date(2021, 4, 15),
        expires_on=date(2030, 3, 5),
        old_number="012345678",
    )


@pytest.fixture(scope="session")
def card(holder: Holder, issuer: Issuer, plan: Plan) -> CardImage:
    return personalise(holder, issuer, plan)
