"""The registry on disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bouclier.registry.adapters.registry_files import load_registry
from bouclier.terms.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path


def test_a_legal_area_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = tmp_path / "aire.json"
    with pytest.raises(ConfigurationError) as caught:
        load_registry(area_file=missing)
    assert caught.value.param == str(missing)


def test_the_packaged_registry_is_the_same_at_every_start() -> None:
    assert load_registry().digest == load_registry().digest
