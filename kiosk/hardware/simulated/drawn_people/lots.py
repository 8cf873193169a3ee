"""An invented person's looks by lot: always the same for the same name and sex."""

import hashlib
from dataclasses import replace

import numpy as np

from kiosk.hardware.simulated.drawn_people.appearance import (
    Appearance,
    Brows,
    Eyes,
    Glasses,
    HairStyle,
    Head,
    Marks,
    Mouth,
    Nose,
)
from kiosk.hardware.simulated.drawn_people.canvas import Colour
from kiosk.hardware.simulated.drawn_people.looks import LOOKS, TWINS
from kiosk.model.identity import Sex

Lot = np.random.Generator

_SKINS: tuple[Colour, ...] = (
    (186, 208, 240),
    (168, 194, 230),
    (150, 178, 218),
    (132, 162, 204),
    (112, 142, 186),
    (92, 122, 168),
    (196, 214, 236),
)
_HAIRS: tuple[Colour, ...] = ((18, 18, 22), (24, 30, 40), (34, 46, 70), (12, 12, 12), (30, 44, 66))
_CLOTHES: tuple[Colour, ...] = (
    (120, 70, 40), (60, 100, 60), (70, 60, 130), (90, 90, 90), (140, 110, 40), (60, 50, 40), (205, 205, 200),
    (60, 110, 160), (150, 120, 170),
)  # fmt: skip
_LIDS: tuple[Colour, ...] = ((110, 70, 80), (60, 60, 120), (60, 90, 110), (120, 110, 60))
_STYLES = {
    Sex.MALE: (HairStyle.SHORT, HairStyle.CREW, HairStyle.RECEDING, HairStyle.BALD, HairStyle.PARTED, HairStyle.FRINGE),
    Sex.FEMALE: (HairStyle.BOB, HairStyle.LONG, HairStyle.TIED, HairStyle.BUN, HairStyle.FRINGE, HairStyle.PARTED),
}


def appearance_of(name: str, sex: Sex | None = None) -> Appearance:
    """Everybody of that name looks like this; without a sex, one is drawn too."""
    other = TWINS.get(name)
    if other:
        twin = appearance_of(other, sex)
        return replace(twin, seed=twin.seed ^ 1, parting=-twin.parting, glasses=None)
    return drawn_by_lot(f"{name}{LOOKS.get(name) or ''}", sex)


def drawn_by_lot(word: str, sex: Sex | None) -> Appearance:
    """An appearance for any word."""
    lot = np.random.default_rng(list(hashlib.sha256(word.encode()).digest()))
    drawn = Sex.MALE if _happens(lot, 0.5) else Sex.FEMALE
    sex = sex or drawn
    male = sex is Sex.MALE
    age = float(lot.uniform(20, 82))
    head = _head(lot, male=male)
    return Appearance(
        sex=sex,
        age=age,
        skin=_skin(lot),
        hair=_hair(lot, age),
        style=_STYLES[sex][int(lot.integers(len(_STYLES[sex])))],
        hairline=float(lot.uniform(0.42, 0.72)),
        parting=float(lot.uniform(-0.8, 0.8)),
        clothes=_CLOTHES[int(lot.integers(len(_CLOTHES)))],
        head=head,
        eyes=_eyes(lot, head, age),
        brows=_brows(lot, male=male),
        nose=_nose(lot, male=male),
        mouth=_mouth(lot, male=male),
        marks=_marks(lot, age, male=male),
        glasses=_glasses(lot),
        light=(float(lot.uniform(-0.9, 0.9)), float(lot.uniform(-0.1, 0.7))),
        seed=int(lot.integers(1 << 31)),
    )


def _skin(lot: Lot) -> Colour:
    first, second = (np.array(_SKINS[int(lot.integers(len(_SKINS)))]) for _ in range(2))
    blue, green, red = (first * 0.7 + second * 0.3 + lot.normal(0, 3, 3)).tolist()
    return blue, green, red


def _hair(lot: Lot, age: float) -> Colour:
    young = np.array(_HAIRS[int(lot.integers(len(_HAIRS)))], dtype=np.float64)
    grey = float(np.clip((age - lot.uniform(42, 75)) / 18, 0, 1)) * float(lot.uniform(0.5, 1))
    blue, green, red = (young * (1 - grey) + np.array([198, 196, 194]) * grey).tolist()
    return blue, green, red


def _head(lot: Lot, *, male: bool) -> Head:
    return Head(
        half=lot.uniform(88, 118),
        crown=lot.uniform(118, 152),
        length=lot.uniform(116, 160) + 3 * male,
        jaw=lot.uniform(2.4, 5.0) if male else lot.uniform(1.9, 3.8),
        chin=lot.uniform(0.42, 0.66),
        ears=lot.uniform(0.7, 1.3),
        cheekbones=lot.uniform(0, 1),
    )


def _eyes(lot: Lot, head: Head, age: float) -> Eyes:
    warm = lot.uniform(0.5, 1.8)
    return Eyes(
        apart=head.half * lot.uniform(0.38, 0.54),
        half=lot.uniform(13, 26),
        upper=lot.uniform(3.5, 14),
        lower=lot.uniform(2.5, 9),
        tilt=lot.uniform(-9, 10),
        crease=lot.uniform(0, 9) if _happens(lot, 0.65) else 0.0,
        iris=lot.uniform(7.5, 10.5),
        colour=(18 * warm, 30 * warm, 48 * warm),
        socket=lot.uniform(0, 1),
        bags=float(np.clip(lot.uniform(-0.5, 0.5) + (age - 40) / 50, 0, 1)),
    )


def _brows(lot: Lot, *, male: bool) -> Brows:
    return Brows(
        above=lot.uniform(16, 42),
        thick=lot.uniform(4, 19) if male else lot.uniform(2, 11),
        arch=lot.uniform(-6, 16),
        half=lot.uniform(22, 36),
        tilt=lot.uniform(-12, 12),
        dense=lot.uniform(0.15, 1.2),
        inner=lot.uniform(3, 24),
    )


def _nose(lot: Lot, *, male: bool) -> Nose:
    return Nose(
        length=lot.uniform(42, 80),
        bridge=lot.uniform(2, 16),
        ridge=lot.uniform(8, 16),
        tip=lot.uniform(18, 40) + 3 * male,
        tip_wide=lot.uniform(11, 24),
        wings=lot.uniform(17, 33),
        nostrils=lot.uniform(0.2, 1),
    )


def _mouth(lot: Lot, *, male: bool) -> Mouth:
    return Mouth(
        below=lot.uniform(19, 40),
        half=lot.uniform(22, 54),
        upper=lot.uniform(3, 12),
        lower=lot.uniform(6, 18),
        bow=lot.uniform(0, 5),
        smile=lot.uniform(-6, 9),
        red=lot.uniform(0, 14) if male else lot.uniform(5, 60),
    )


def _marks(lot: Lot, age: float, *, male: bool) -> Marks:
    aged = float(np.clip((age - 35) / 45, 0, 1))
    moles = tuple(
        (float(lot.uniform(-75, 75)), float(lot.uniform(-70, 110)), float(lot.uniform(1.5, 4.5)))
        for _ in range(int(lot.integers(0, 4)))
    )
    return Marks(
        wrinkles=aged * float(lot.uniform(0.4, 1)),
        folds=float(np.clip(lot.uniform(-0.3, 0.5) + aged * 0.7, 0, 1)),
        freckles=int(lot.integers(10, 60)) if _happens(lot, 0.2) else 0,
        moles=moles,
        beard=float(lot.uniform(0.1, 0.9)) if male and _happens(lot, 0.4) else 0.0,
        moustache=float(lot.uniform(0.3, 1)) if male and _happens(lot, 0.3) else 0.0,
        goatee=float(lot.uniform(0.3, 1)) if male and _happens(lot, 0.2) else 0.0,
        blush=float(lot.uniform(0, 1)),
        blotches=float(lot.uniform(1.0, 3.4)),
        birthmark=_birthmark(lot) if _happens(lot, 0.3) else None,
        painted_lids=_LIDS[int(lot.integers(len(_LIDS)))] if not male and _happens(lot, 0.45) else None,
    )


def _birthmark(lot: Lot) -> tuple[float, float, float, float]:
    return lot.uniform(-70, 70), lot.uniform(-60, 90), lot.uniform(10, 30), lot.uniform(0.62, 1.25)


def _glasses(lot: Lot) -> Glasses | None:
    frame = Glasses(
        half=lot.uniform(26, 38),
        high=lot.uniform(17, 32),
        round=lot.uniform(2, 5),
        thick=lot.uniform(1.5, 6),
        colour=((30, 30, 34), (60, 80, 120), (120, 124, 130), (50, 30, 90))[int(lot.integers(4))],
    )
    return frame if _happens(lot, 0.3) else None


def _happens(lot: Lot, share: float) -> bool:
    return lot.random() < share
