"""Whatever a card answers, or does not, a reading through pcscd ends soon and says why."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from kiosk.errors import CardError, CardProblem
from kiosk.hardware.card_reader import PcscCardReader
from kiosk.hardware.simulated.citizen_card.image import Behaviour, CardImage, Interference
from kiosk.identify.chip_card.access_key import AccessKeys
from kiosk.identify.chip_card.document import read_document
from kiosk.identify.chip_card.trust_store import TrustStore
from tests.support.card_endurance import HOLDER, pcsc_threads
from tests.support.card_tray import Tray
from tests.support.patience import until
from tests.support.pcscd import READER

pytestmark = pytest.mark.integration

BROKEN = {CardProblem.MALFORMED, CardProblem.SECURE_MESSAGING, CardProblem.UNSUPPORTED, CardProblem.WRONG_KEY}


@pytest.mark.parametrize("after", [0, 16])
@pytest.mark.parametrize(
    ("interference", "kinds"),
    [
        (Interference.RANDOM_BYTES, BROKEN),
        (Interference.ENDLESS_MORE, BROKEN),
        (Interference.HUGE_LENGTHS, BROKEN),
        (Interference.SILENT, {CardProblem.NO_ANSWER}),
    ],
)
def test_a_hostile_card_holds_nobody(  # a row of the table and its fixtures
    lay: Callable[[CardImage], None],
    tray: Tray,
    genuine: CardImage,
    *,
    interference: Interference,
    kinds: set[CardProblem],
    after: int,
) -> None:
    lay(replace(genuine, behaviour=Behaviour(interference=interference, after=after)))
    reader = PcscCardReader(READER, exchange_seconds=0.5, allow_virtual=True)
    with pytest.raises(CardError) as caught, reader.connect() as card:
        read_document(card, AccessKeys.from_can(HOLDER.can), trust=TrustStore(), today=date(2026, 11, 22))
    assert caught.value.kind in kinds
    if interference is Interference.SILENT:
        assert pcsc_threads() == 1
        tray.lift()
    until(lambda: pcsc_threads() == 0)
