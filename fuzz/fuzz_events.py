"""Fuzz the parser of server-sent events: `python fuzz/fuzz_events.py -max_total_time=120`."""

from __future__ import annotations

import re
import sys

import atheris

with atheris.instrument_imports(include=["bouclier"]):
    from bouclier.gateway.events import EventSplitter, data_of, with_data


def one_input(data: bytes) -> None:
    given = atheris.FuzzedDataProvider(data)
    cutting = [given.ConsumeIntInRange(1, 9) for _ in range(given.ConsumeIntInRange(0, 24))]
    stream = given.ConsumeBytes(400)
    whole = EventSplitter()
    events = whole.feed(stream)
    cut = EventSplitter()
    found: list[bytes] = []
    position = 0
    for size in cutting:
        found += cut.feed(stream[position : position + size])
        position += size
    found += cut.feed(stream[position:])
    assert found == events
    assert cut.pending == whole.pending
    # As the specification says, written independently: lines end with CRLF, LF or CR; an empty one ends an event.
    plain = re.sub(rb"\r\n|\r", b"\n", stream.removeprefix(b"\xef\xbb\xbf"))
    assert events == plain.split(b"\n\n")[:-1]
    for event in events:
        if data_of(event) is not None:
            assert data_of(with_data(event, b'{"a": 1}')) == b'{"a": 1}'


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
