import json
import re
from collections.abc import Iterable, Iterator

import click

from kiosk import bootstrap
from kiosk.model.events import AuditRow
from kiosk.settings import Settings
from kiosk.storage.audit_chain import Anchor, VerificationResult
from kiosk.storage.audit_chain import verify as verify_chain

PROGRESS_EVERY = 50_000


@click.group()
def audit() -> None:
    """Verify the audit chain.

    Example: kiosk --settings /etc/kiosk/kiosk.toml audit verify
    """


class AnchorType(click.ParamType[Anchor]):
    """What an earlier `audit verify` printed as the head."""

    name = "SEQUENCE:HASH"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Anchor:
        """Read it."""
        match = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", str(value))
        if match is None:
            self.fail("expected a number, a colon and 64 hexadecimal digits", param, ctx)
        return Anchor(int(match[1]), match[2])


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--anchor", type=AnchorType(), help="A head printed earlier: the chain must still hold it.")
@click.pass_obj
@click.pass_context
def verify(ctx: click.Context, settings: Settings, *, as_json: bool, anchor: Anchor | None) -> None:
    """Check every row against the one before; exit 1 and name the first that does not fit.

    An altered, removed or inserted row is found. A cut tail is not: the chain that is left fits. For that, keep the
    head (the newest row's sequence and hash, printed here) outside this host now and then, and give it as --anchor.

    Example: kiosk --settings /etc/kiosk/kiosk.toml audit verify --json
    """
    with bootstrap.open_storage(settings).read() as work:
        result = verify_chain(_with_progress(work.audit.rows()), anchor)
    click.echo(_as_json(result) if as_json else _as_text(result))
    if not result.intact:
        ctx.exit(1)


def _with_progress(rows: Iterable[AuditRow]) -> Iterator[AuditRow]:
    for row in rows:
        if row.sequence % PROGRESS_EVERY == 0:
            click.echo(f"{row.sequence} rows", err=True)
        yield row


def _as_json(result: VerificationResult) -> str:
    head = {"sequence": result.head.sequence, "hash": result.head.hash}
    broken = {"sequence": result.broken_at, "how": result.how} if result.how else None
    return json.dumps({"intact": result.intact, "rows": result.rows, "head": head, "broken": broken})


def _as_text(result: VerificationResult) -> str:
    head = f"{result.rows} rows fit, the last is {result.head.sequence}:{result.head.hash}"
    return f"{head}\nrow {result.broken_at} does not fit: {result.how}" if result.how else f"{head}\nintact"
