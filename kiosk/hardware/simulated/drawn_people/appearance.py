"""What makes up the looks of a drawn person."""

from dataclasses import dataclass
from enum import Enum, auto

from kiosk.hardware.simulated.drawn_people.canvas import Colour
from kiosk.model.identity import Sex


class HairStyle(Enum):
    """How the hair is worn."""

    SHORT = auto()
    CREW = auto()
    RECEDING = auto()
    BALD = auto()
    PARTED = auto()
    FRINGE = auto()
    BOB = auto()
    LONG = auto()
    TIED = auto()
    BUN = auto()


@dataclass(frozen=True, slots=True)
class Head:
    """Pixels: half the width at the eyes, from the eyes up to the crown and down to the chin; and its form.

    Attributes:
        jaw: higher is squarer.
        chin: lower is rounder, higher more pointed.
    """

    half: float
    crown: float
    length: float
    jaw: float
    chin: float
    ears: float
    cheekbones: float


@dataclass(frozen=True, slots=True)
class Eyes:
    """Pixels. `apart`: from the middle of the face to that of an eye; `tilt`: the outer corner above the inner."""

    apart: float
    half: float
    upper: float
    lower: float
    tilt: float
    crease: float
    iris: float
    colour: Colour
    socket: float
    bags: float


@dataclass(frozen=True, slots=True)
class Brows:
    """Pixels. `above`: the eyes."""

    above: float
    thick: float
    arch: float
    half: float
    tilt: float
    dense: float
    inner: float


@dataclass(frozen=True, slots=True)
class Nose:
    """Pixels. `length`: from the eyes to the base."""

    length: float
    bridge: float
    ridge: float
    tip: float
    tip_wide: float
    wings: float
    nostrils: float


@dataclass(frozen=True, slots=True)
class Mouth:
    """Pixels. `below`: the base of the nose."""

    below: float
    half: float
    upper: float
    lower: float
    bow: float
    smile: float
    red: float


@dataclass(frozen=True, slots=True)
class Marks:
    """What time and nature left on the skin; shares from 0 to 1, places in pixels."""

    wrinkles: float
    folds: float
    freckles: int
    moles: tuple[tuple[float, float, float], ...]
    beard: float
    moustache: float
    goatee: float
    blush: float
    blotches: float
    birthmark: tuple[float, float, float, float] | None
    painted_lids: Colour | None


@dataclass(frozen=True, slots=True)
class Glasses:
    """Pixels."""

    half: float
    high: float
    round: float
    thick: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Appearance:
    """A person.

    Attributes:
        light: from where the person's own shading seems to come: right, and up.
    """

    sex: Sex
    age: float
    skin: Colour
    hair: Colour
    style: HairStyle
    hairline: float
    parting: float
    clothes: Colour
    head: Head
    eyes: Eyes
    brows: Brows
    nose: Nose
    mouth: Mouth
    marks: Marks
    glasses: Glasses | None
    light: tuple[float, float]
    seed: int
