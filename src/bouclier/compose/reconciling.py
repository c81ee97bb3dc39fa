"""Hold a provider's usage export against what monitors remember, or against a log on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bouclier.compose.recording import entries
from bouclier.oversight.adapters.monitor_state import read_states
from bouclier.oversight.monitor import parse_usage, reconcile, totals_of, with_open
from bouclier.oversight.monitor.usage import MAX_CHARS
from bouclier.terms.errors import Bilingual, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bouclier.oversight.monitor import Alarm, Used, UsedBy


def reconciled(
    usage: Path,
    *,
    state: Path | None,
    data: Path | None,
    columns: Mapping[str, str],
    deployment: str | None,
    tolerance_percent: float,
) -> list[Alarm]:
    """Return where record and bill differ.

    Args:
        usage: The provider's CSV export.
        state: Folder of a monitor's memory; all its logs are added up.
        data: Data folder of a gateway, read instead: believed, not verified.
        columns: Titles of columns by what they hold.
        deployment: The only one the export is about.
        tolerance_percent: Differences up to this share are left aside.

    Raises:
        BouclierError: A file cannot be read.
    """
    billed = parse_usage(_text_of(usage), columns)
    totals: list[tuple[str, UsedBy, Used]] = []
    if data is not None:
        totals = [("", whose, used) for whose, used in totals_of(one.entry for one in entries(data))]
    elif state is not None:
        totals = [
            (one.origin, whose, used)
            for one in read_states(state)
            for whose, used in with_open(one.watch.totals, one.watch.lives)
        ]
    return list(reconcile(totals, billed, deployment=deployment, tolerance_percent=tolerance_percent))


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_CHARS)
        # A console's export is UTF-8; a spreadsheet's may be the code page of Western Europe.
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("cp1252")
    except (OSError, UnicodeDecodeError) as error:
        raise RequestError(
            Bilingual(f"{path} ne peut pas être lu.", f"{path} cannot be read."),
            Bilingual("Donnez l'export d'usage du fournisseur, en CSV.", "Give the provider's usage export, as CSV."),
            param=str(path),
        ) from error
