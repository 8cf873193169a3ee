"""Laboratory results as series: each person has a level of their own, moved by their problems, and wanders about it."""

import random
from collections.abc import Mapping, Sequence

from kiosk.demo.hospital.health import Problem
from kiosk.demo.hospital.tables import Passing, Tables
from kiosk.model.identity import Sex

BASIC = ("glucose", "creatinine", "alt", "ast", "haemoglobin", "leukocytes", "platelets")
LIPIDS = ("ldl", "hdl", "triglyceride")
PANELS: Mapping[str, tuple[str, ...]] = {
    "E11.9": ("hba1c", "glucose", "creatinine", "albumin-creatinine", *LIPIDS),
    "I10": ("creatinine", "potassium", *LIPIDS),
    "E78.2": (*LIPIDS, "alt", "ast"),
    "N18.3": ("creatinine", "potassium", "haemoglobin", "albumin-creatinine"),
    "I25.9": (*LIPIDS, "creatinine"),
    "I50.9": ("nt-probnp", "creatinine", "potassium"),
    "I48.9": ("creatinine", "haemoglobin", "tsh"),
    "B18.1": ("alt", "ast", "platelets"),
    "M10.9": ("urate", "creatinine"),
    "D50.9": ("haemoglobin", "mcv", "ferritin"),
    "E05.9": ("tsh", "ft4", "leukocytes"),
    "E03.9": ("tsh", "ft4"),
    "Z34.9": ("haemoglobin", "glucose", "platelets"),
}
"""Which tests are followed up for a problem; a problem without an entry gets none."""


def draw_levels(
    rng: random.Random, tables: Tables, sex: Sex, age: int, problems: Sequence[Problem]
) -> dict[str, float]:
    """A person's own level of every test."""
    moved: dict[str, tuple[float, float]] = {}
    for problem in problems:
        moved |= problem.condition.moved_tests(sex)
    levels = {key: rng.uniform(*moved.get(key, test.usual(sex))) for key, test in tables.tests.items()}
    if "hba1c" in moved:
        # estimated average glucose in mmol/L (ADAG study, 2008); fasting lies a little below it
        levels["glucose"] = 0.88 * (1.59 * levels["hba1c"] - 2.59)
    if "egfr" in moved:
        levels["creatinine"] = creatinine_for(levels["egfr"], sex, age)
    return levels


def panel_of(problems: Sequence[Problem], age: int) -> list[str]:
    """The tests that are followed up, each once."""
    keys = [key for problem in problems for key in PANELS.get(problem.condition.code, ())]
    if age >= 40:
        keys += BASIC
    return list(dict.fromkeys(keys))


def draw_values(
    rng: random.Random, tables: Tables, keys: Sequence[str], levels: Mapping[str, float]
) -> dict[str, float]:
    """The results of one blood sample, rounded as the laboratory reports them."""
    values: dict[str, float] = {}
    for key in keys:
        test = tables.tests[key]
        value = levels[key] * (1 + max(-2.5, min(2.5, rng.gauss(0, 1))) * test.noise)
        values[key] = _rounded(value, test.digits)
    return values


def add_calculated(tables: Tables, values: dict[str, float], sex: Sex, age: int) -> None:
    """What the laboratory calculates from other results."""
    if "creatinine" in values and age >= 18:
        values["egfr"] = _rounded(filtration_rate(values["creatinine"], sex, age), tables.tests["egfr"].digits)
    if values.keys() >= set(LIPIDS):
        # Friedewald's formula, in mmol/L, solved for the total
        total = values["ldl"] + values["hdl"] + values["triglyceride"] / 2.2
        values["cholesterol"] = _rounded(total, tables.tests["cholesterol"].digits)


def filtration_rate(creatinine: float, sex: Sex, age: int) -> float:
    """Glomerular filtration rate in mL/min/1.73 m² by CKD-EPI 2021, from creatinine in µmol/L."""
    kappa, alpha, most = _equation(sex, age)
    ratio = creatinine / kappa
    return float(most * min(ratio, 1) ** alpha * max(ratio, 1) ** -1.2)


def creatinine_for(rate: float, sex: Sex, age: int) -> float:
    """The creatinine in µmol/L that goes with a lowered filtration rate."""
    kappa, _, most = _equation(sex, age)
    return float(kappa * max(most / rate, 1) ** (1 / 1.2))


def _equation(sex: Sex, age: int) -> tuple[float, float, float]:
    """CKD-EPI 2021: kappa in µmol/L, alpha, and the rate where creatinine equals kappa."""
    kappa, alpha, factor = (0.7, -0.241, 1.012) if sex is Sex.FEMALE else (0.9, -0.302, 1.0)
    return kappa * 88.42, alpha, 142 * 0.9938**age * factor


def passing_values(rng: random.Random, tables: Tables, passing: Passing) -> dict[str, float]:
    """What was found while it lasted."""
    return {key: _rounded(rng.uniform(*span), tables.tests[key].digits) for key, span in passing.tests.items()}


def in_range(tables: Tables, key: str, value: float, sex: Sex) -> str:
    """``L``, ``N`` or ``H``, as HL7 v3 ObservationInterpretation writes it."""
    low, high = tables.tests[key].reference(sex)
    if low is not None and value < low:
        return "L"
    return "H" if high is not None and value > high else "N"


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) if digits else float(round(value))
