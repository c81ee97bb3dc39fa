"""A text of a megabyte is read elsewhere: other requests go on meanwhile."""

from __future__ import annotations

import asyncio

import psutil
import pytest

from bouclier.compose.configuration import configuration_of
from bouclier.compose.detecting import detectors

SHORT = "Mme Claire Dubreuil, 06 39 98 12 {:02}, matricule AG{:06}"
CONFIGURATION = """
shield:
  names: off
  identifiers:
    - {name: agent, pattern: 'AG[0-9]{6}', context: [matricule]}
"""


@pytest.mark.parametrize(
    "paragraph",
    [
        "Le conseil municipal, réuni en séance ordinaire, a délibéré sur les subventions de l'exercice suivant. ",
        "Mme Claire Dubreuil, née le 12/03/1980, tél. 06 39 98 12 34, matricule AG123456.\n",
    ],
    ids=["prose", "a list of people"],
)
def test_other_requests_go_on_while_a_long_text_is_read(paragraph: str) -> None:
    long_text = paragraph * (1_000_000 // len(paragraph))

    async def story() -> None:
        configuration = configuration_of(CONFIGURATION, source=None, environment={})
        async with detectors(configuration.shield) as found:
            await found.find(["x" * 20_000])  # its child has started
            (child,) = [
                one for one in psutil.Process().children() if any("scan_child" in word for word in one.cmdline())
            ]
            child.suspend()  # whoever waits for the long text would wait until it goes on
            try:
                long = asyncio.create_task(found.find([long_text]))
                for number in range(50):
                    (short,) = await found.find([SHORT.format(number, number)])
                    assert {one.type.value for one in short} == {"PERSON", "PHONE", "IDENTIFIER"}
                    await asyncio.sleep(0)
                assert not long.done()
            finally:
                child.resume()
            (about_long,) = await long
            assert bool(about_long) is ("Dubreuil" in paragraph)

    asyncio.run(asyncio.wait_for(story(), 150))
