"""`kiosk face policy-risk`: how often the policy would open the wrong person's record."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click

from kiosk.cli.model_folder import known_settings
from kiosk.errors import ConfigurationError
from kiosk.identify.face.policy import FaceThresholds
from kiosk.identify.face.policy_risk import Cost, PolicyRisk, Risk
from kiosk.identify.face.risk_cases import ATTACKERS, MODELS, WAYS

MOST_FOR_A_STRANGER = 1.0
"""Wrong opens in a million attempts of a stranger with kiosk-like scores, at the upper bound."""
TOO_MANY = 3
NAME_WIDTH = 34
NUMBER_WIDTH = 12


@dataclass(frozen=True, slots=True)
class Table:
    """Every figure."""

    risks: Sequence[Risk]
    costs: Sequence[Cost]

    @property
    def too_many(self) -> list[str]:
        """Paths on which a stranger is not kept out well enough."""
        return [
            risk.way
            for risk in self.risks
            if (risk.attacker, risk.scores) == (ATTACKERS[0].name, MODELS[0].name)
            and risk.upper_bound > MOST_FOR_A_STRANGER
        ]


@click.command("policy-risk")
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(0), help="Of the drawing; repeats it exactly."
)
@click.option("--draws", default=4_000, show_default=True, type=click.IntRange(100), help="Of scores, for each figure.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def policy_risk(*, seed: int, draws: int, as_json: bool) -> None:
    """Reckon how often this host's policy opens the wrong record, and how often it sends patients elsewhere.

    With the thresholds of the settings file, or the defaults where there is none. Exit status: 0, 3 when the upper
    bound for a stranger with kiosk-like scores is above one wrong open in a million attempts.

    Example: kiosk --settings /etc/kiosk/kiosk.toml face policy-risk --seed 1 --json
    """
    settings = known_settings().face
    if settings.recogniser != "sface":
        raise ConfigurationError(
            f"face.recogniser: scores of {settings.recogniser} are not reckoned with, only sface's"
        )
    reckoned = PolicyRisk(FaceThresholds.of(settings), tries=settings.tries, seed=seed, draws=draws)
    table = _table(reckoned)
    click.echo(json.dumps(_as_data(reckoned, table)) if as_json else _in_words(reckoned, table))
    if table.too_many:
        click.echo(f"more than 1 in a million for a stranger: {'; '.join(table.too_many)}", err=True)
        sys.exit(TOO_MANY)


def _table(reckoned: PolicyRisk) -> Table:
    asked = [(way, attacker, scores) for scores in MODELS for way in WAYS for attacker in ATTACKERS]
    with click.progressbar(asked, label="Reckoning", file=sys.stderr) as bar:
        risks = [reckoned.risk(way, attacker, scores) for way, attacker, scores in bar]
    return Table(risks, [reckoned.cost(way, scores) for scores in MODELS for way in WAYS])


def _as_data(reckoned: PolicyRisk, table: Table) -> dict[str, object]:
    return asdict(reckoned) | {
        "per": 1_000_000,
        "confidence": 0.95,
        "risks": [asdict(risk) for risk in table.risks],
        "costs": [asdict(cost) for cost in table.costs],
        "too_many_for_a_stranger": table.too_many,
    }


def _in_words(reckoned: PolicyRisk, table: Table) -> str:
    lines = [
        "Wrong opens in a million attempts: expected, and upper 95 % bound.",
        f"{reckoned.tries} tries in an attempt; {reckoned.thresholds}",
        "",
        " " * NAME_WIDTH + "".join(f"{scores.name:>{2 * NUMBER_WIDTH}}" for scores in MODELS),
    ]
    for way in WAYS:
        shares = {cost.scores: cost.sent_elsewhere for cost in table.costs if cost.way == way.name}
        lines += [way.name]
        for attacker in ATTACKERS:
            risks = [risk for risk in table.risks if (risk.way, risk.attacker) == (way.name, attacker.name)]
            lines += [
                _line(attacker.name, [number for risk in risks for number in (risk.wrong_opens, risk.upper_bound)])
            ]
        elsewhere = "".join(f"{shares[scores.name]:>{2 * NUMBER_WIDTH}.1%}" for scores in MODELS)
        lines += [f"{'  patients sent elsewhere':<{NAME_WIDTH}}{elsewhere}"]
    return "\n".join(lines)


def _line(name: str, numbers: Sequence[float]) -> str:
    return f"{f'  {name}':<{NAME_WIDTH}}" + "".join(f"{_number(number):>{NUMBER_WIDTH}}" for number in numbers)


def _number(number: float) -> str:
    """Two figures are more than the assumptions bear."""
    return f"{float(f'{number:.2g}'):,.3g}" if number < 100 else f"{float(f'{number:.2g}'):,.0f}"  # noqa: PLR2004 # digits
