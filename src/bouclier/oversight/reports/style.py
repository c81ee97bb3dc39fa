"""The style of a report's page: on screen and on paper alike, with no script and nothing from elsewhere."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { --ink: #191c24; --muted: #525866; --line: #c9cbd2; --sunk: #f0f0ec; --blue: #1d3380; --warn: #7a4300;
  --sans: "Segoe UI", "Helvetica Neue", "Liberation Sans", Arial, system-ui, sans-serif;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, "Liberation Serif", Georgia, serif;
  --mono: ui-monospace, "Cascadia Mono", Menlo, "Liberation Mono", monospace; }
* { box-sizing: border-box; }
html { font: 100%/1.5 var(--sans); color: var(--ink); background: #fff; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.5rem 4rem; }
header { border-bottom: 3px solid var(--blue); padding-bottom: 1rem; margin-bottom: 1.5rem; }
h1, h2, h3 { font-family: var(--serif); line-height: 1.25; }
h1 { font-size: 2rem; margin: .25rem 0 .75rem; color: var(--blue); }
h2 { font-size: 1.35rem; margin: 2.25rem 0 .6rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); }
.institution { font-weight: 600; margin: 0; }
p { margin: .4rem 0; max-width: 46rem; }
.note { color: var(--muted); font-size: .925rem; }
a { color: var(--blue); }
nav ol { columns: 2; margin: .5rem 0 0; padding-inline-start: 1.4rem; }
dl { display: grid; grid-template-columns: minmax(10rem, 22rem) 1fr; gap: .3rem 1.25rem; margin: .75rem 0; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; font-size: .9rem; }
caption { text-align: start; font-weight: 600; padding-bottom: .35rem; }
th, td { padding: .35rem .6rem; border: 1px solid var(--line); text-align: start; vertical-align: top;
  overflow-wrap: anywhere; min-width: 4.25rem; }
thead th { background: var(--sunk); vertical-align: bottom; overflow-wrap: break-word; }
tbody th { font-weight: 400; }
.number { text-align: end; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
.withheld, .unknown { color: var(--muted); font-style: italic; }
.to-complete, .unverified { color: var(--warn); font-style: italic; }
code, .root { font-family: var(--mono); font-size: .85em; overflow-wrap: anywhere; }
.ranges li { margin: .3rem 0; font-size: .85rem; overflow-wrap: anywhere; }
:focus-visible { outline: 3px solid #0a58ca; outline-offset: 2px; }
@media (max-width: 40rem) { nav ol { columns: 1; } dl { grid-template-columns: 1fr; } dd { margin-bottom: .5rem; } }
@page { size: A4; margin: 18mm 15mm; }
@media print {
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; }
  h2, h3, caption { break-after: avoid; }
  tr, dt, dd, .ranges li { break-inside: avoid; }
  thead { display: table-header-group; }
  .appendix { break-before: page; }
  .wide { overflow: visible; }
  table { font-size: 8pt; }
  th, td { padding: 3pt 4pt; overflow-wrap: anywhere; }
  thead th { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  a { color: inherit; text-decoration: none; }
}
"""
