"""The table of detectors. To add one is to add an entry to its family's module; the scanners need no change."""

from __future__ import annotations

from bouclier.shield.detectors import addresses, contacts, dates, identifiers, markings, people, secrets

DETECTORS = (
    *identifiers.DETECTORS,
    *contacts.DETECTORS,
    *secrets.DETECTORS,
    *people.DETECTORS,
    *dates.DETECTORS,
    *addresses.DETECTORS,
    *markings.DETECTORS,
)
