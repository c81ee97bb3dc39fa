"""Reports made from the logs of one or several data folders. No lock is needed: gateways may be writing to them."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from importlib import resources
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from bouclier.compose.configuration_readers import BASE_URL
from bouclier.compose.data_folder import log_folder
from bouclier.compose.particulars import load_particulars, read_option
from bouclier.compose.recording import entries, identity_of
from bouclier.compose.registry_reading import registry_read
from bouclier.compose.whole_files import write_whole
from bouclier.oversight import parse_entry
from bouclier.oversight.reports import (
    DEFAULT_LEAST,
    MIN_LEAST,
    AiActCounts,
    CarbonCounts,
    Cover,
    Document,
    Language,
    LegalFact,
    Period,
    PublicCounts,
    RegisterCounts,
    ReportName,
    ai_act,
    as_csv,
    as_html,
    as_json,
    carbon,
    day_of,
    parse_legal,
    parse_period,
    public,
    read_log,
    register,
    whole_months,
)
from bouclier.terms.errors import Bilingual, ConfigurationError, StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bouclier.compose.configuration import Configuration

Format = Literal["html", "csv", "json"]
FORMATS: Final[tuple[Format, ...]] = ("html", "csv", "json")


@dataclass(frozen=True, slots=True)
class WantedReport:
    """What was asked for, as it was asked for.

    Attributes:
        report: Which one.
        folders: Data folders; the configured one if there is none.
        first: Day, `--from`.
        last: Day, `--to`.
        form: HTML, CSV or JSON.
        language: Of its texts.
        particulars: File of what the controller states.
        log_urls: Where logs are served, in the order of the folders; none, or one each.
        least: Smallest count the public is shown, `--min-cell`.
    """

    report: ReportName
    folders: tuple[Path, ...] = ()
    first: str | None = None
    last: str | None = None
    form: Format = "html"
    language: Language = "en"
    particulars: Path | None = None
    log_urls: tuple[str, ...] = ()
    least: str | None = None


def now_ms() -> int:
    """Return the time, milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def rendered_report(configuration: Configuration, wanted: WantedReport, *, now: int) -> bytes:
    """Return a report, read from the logs and spelt as asked.

    Raises:
        ConfigurationError: An option or the particulars are wrong; the message names the field.
        StorageError: There is no log, or it is damaged.
        VerificationError: An entry is not what a gateway writes.
    """
    folders = wanted.folders or (configuration.data,)
    period = parse_period(wanted.first, wanted.last)
    if wanted.report == "public":
        period = whole_months(period, today=day_of(now))
        _check_covered(period, folders)
    least = _least(wanted.least)
    urls = _log_urls(wanted.log_urls, len(folders))
    origins = _origins(folders)
    document = _made(configuration, wanted, period, least=least, logs=dict(zip(origins, folders, strict=True)), now=now)
    if wanted.form == "json":
        return as_json(document, wanted.language)
    if wanted.form == "csv":
        return as_csv(document, wanted.language)
    return as_html(document, wanted.language, log_urls=dict(zip(origins, urls, strict=False)))


def write_report(path: Path, data: bytes, *, option: str = "--out") -> None:
    """Write a report whole, or not at all.

    Args:
        path: The file.
        data: The report.
        option: Which option named the file, for the message.

    Raises:
        StorageError: It cannot be written.
    """
    try:
        write_whole(path, data)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise StorageError(
            Bilingual(
                f"{option} : {path} ne peut pas être écrit : {reason}", f"{option}: {path} cannot be written: {reason}"
            ),
            Bilingual(
                "Vérifiez le dossier, les droits et la place libre.", "Check the folder, permissions and free space."
            ),
            param=option,
        ) from error


def _check_covered(period: Period, folders: Sequence[Path]) -> None:
    """Refuse months before the log began: nothing is known of them, and zero would say something."""
    first_ms = [parse_entry(one.entry).time for folder in folders for one in islice(entries(folder), 1)]
    began = day_of(min(first_ms)) if first_ms else None
    for option, day in (("--to", period.last), ("--from", period.first)):
        if day is not None and (began is None or day < began.replace(day=1)):
            raise ConfigurationError(
                Bilingual(
                    f"{option} : le journal ne commence que le {began or '—'}.",
                    f"{option}: the log only begins on {began or '—'}.",
                ),
                Bilingual(
                    "Rien n'est connu d'avant : donnez un mois où il était tenu.",
                    "Nothing is known of before: give a month in which it was kept.",
                ),
                param=option,
            )


def _made(
    configuration: Configuration,
    wanted: WantedReport,
    period: Period,
    *,
    least: int,
    logs: Mapping[str, Path],
    now: int,
) -> Document:
    particulars = load_particulars(wanted.particulars)

    def cover(counts: RegisterCounts | AiActCounts | PublicCounts | CarbonCounts) -> Cover:
        read = tuple(read_log(origin, entries(folder), period, counts) for origin, folder in logs.items())
        return Cover(particulars.name or configuration.institution, period, now, read)

    if wanted.report == "carbon":
        spent = CarbonCounts()
        return carbon(spent, cover(spent))
    names = _names()
    if wanted.report == "public":
        public_counts = PublicCounts()
        return public(public_counts, cover(public_counts), least=least, names=names)
    legal = _legal()
    if wanted.report == "ai-act":
        uses = AiActCounts()
        return ai_act(uses, cover(uses), particulars=particulars, legal=legal, names=names)
    area = registry_read(configuration).members_on(day_of(now))
    processed = RegisterCounts()
    seal = configuration.seal
    return register(
        processed,
        cover(processed),
        particulars=particulars,
        legal=legal,
        area=area,
        names=names,
        sealed_days=seal.retention_days if seal.authorities else None,
    )


def _origins(folders: Sequence[Path]) -> tuple[str, ...]:
    """Return the name of each folder's log; figures cite it, so no two may have the same."""
    origins: list[str] = []
    for folder in folders:
        origin = identity_of(log_folder(folder)).origin
        if origin in origins:
            raise ConfigurationError(
                Bilingual(
                    f"--data : deux journaux portent le nom {origin}.",
                    f"--data: two logs have the name {origin}.",
                ),
                Bilingual(
                    "Donnez chaque journal une fois, sans ses copies : ses entrées seraient comptées deux fois.",
                    "Give each log once, without copies of it: its entries would be counted twice.",
                ),
                param="--data",
            )
        origins.append(origin)
    return tuple(origins)


def _log_urls(urls: Sequence[str], folders: int) -> tuple[str, ...]:
    if urls and len(urls) != folders:
        raise ConfigurationError(
            Bilingual(
                f"--log-url : {len(urls)} adresse(s) pour {folders} journal(aux).",
                f"--log-url: {len(urls)} address(es) for {folders} log(s).",
            ),
            Bilingual("Donnez-en une par --data, dans le même ordre.", "Give one per --data, in the same order."),
            param="--log-url",
        )
    return tuple(str(read_option(url, "--log-url", BASE_URL)) for url in urls)


def _least(text: str | None) -> int:
    if text is None:
        return DEFAULT_LEAST
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= MIN_LEAST):  # noqa: PLR2004 -- digits
        raise ConfigurationError(
            Bilingual(
                f"--min-cell : il faut un entier d'au moins {MIN_LEAST}.",
                f"--min-cell: it must be a whole number of at least {MIN_LEAST}.",
            ),
            Bilingual(
                f"{DEFAULT_LEAST} est d'usage : les comptes plus petits ne sont pas montrés.",
                f"{DEFAULT_LEAST} is customary: smaller counts are not shown.",
            ),
            param="--min-cell",
        )
    return int(text)


def _legal() -> tuple[LegalFact, ...]:
    return parse_legal(resources.files("bouclier.oversight.reports").joinpath("data", "legal.json").read_bytes())


def _names() -> dict[str, Bilingual]:
    """Return the words of the pages: types and classes have one name each, wherever they are shown."""
    words = json.loads(resources.files("bouclier.console").joinpath("assets", "strings.json").read_bytes())
    return {key: Bilingual(text["fr"], text["en"]) for key, text in words.items()}
