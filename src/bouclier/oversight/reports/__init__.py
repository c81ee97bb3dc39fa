"""Reports made from the record: processing, the AI Act summary, the transparency report, energy and carbon.

What this package guarantees: a figure is counted from entries, and cites them; what the record does not know is shown
as unknown or to be completed, never supposed; the public report shows no small count and nothing from which one could
be computed; texts are escaped for the format they are written in.

Logs are read once (`read_log`, with a counter per report), a report is a value (`Document`), and renderers spell it.
"""

from bouclier.oversight.reports.ai_act import ai_act
from bouclier.oversight.reports.ai_act_counts import AiActCounts
from bouclier.oversight.reports.as_csv import as_csv
from bouclier.oversight.reports.as_html import as_html
from bouclier.oversight.reports.as_json import as_json
from bouclier.oversight.reports.carbon import carbon
from bouclier.oversight.reports.carbon_counts import CarbonCounts
from bouclier.oversight.reports.legal import LegalFact, parse_legal
from bouclier.oversight.reports.model import Cover, Document, Language, LogSummary, ReportName
from bouclier.oversight.reports.particulars import Particulars, PurposeParticulars
from bouclier.oversight.reports.period import Period, day_of, parse_period, whole_months
from bouclier.oversight.reports.public import DEFAULT_LEAST, MIN_LEAST, public
from bouclier.oversight.reports.public_counts import PublicCounts
from bouclier.oversight.reports.reading import Logged, read_log
from bouclier.oversight.reports.register import register
from bouclier.oversight.reports.register_counts import RegisterCounts

__all__ = [
    "DEFAULT_LEAST",
    "MIN_LEAST",
    "AiActCounts",
    "CarbonCounts",
    "Cover",
    "Document",
    "Language",
    "LegalFact",
    "LogSummary",
    "Logged",
    "Particulars",
    "Period",
    "PublicCounts",
    "PurposeParticulars",
    "RegisterCounts",
    "ReportName",
    "ai_act",
    "as_csv",
    "as_html",
    "as_json",
    "carbon",
    "day_of",
    "parse_legal",
    "parse_period",
    "public",
    "read_log",
    "register",
    "whole_months",
]
