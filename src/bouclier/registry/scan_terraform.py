"""Read what a Terraform or OpenTofu plan or state depends on: providers, where their resources are, images, hosts.

What is read is `terraform show -json`. Values are looked at for regions, images and hosts, and dropped; those marked as
sensitive are not looked at. Not read: files of the language itself (`*.tf`), of which only the tool knows the meaning.

Source: Terraform's JSON output format, format_version 1.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from bouclier.registry.scan_addresses import hosts_in, is_own
from bouclier.registry.scan_compose import image_of
from bouclier.registry.scan_json import mapping, mappings, texts_in, words
from bouclier.registry.scan_model import Dependency, Gap, Kind, Place, Scanned, Shows, checked
from bouclier.registry.shown import clean
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator

_REGISTRIES: Final = ("registry.terraform.io/", "registry.opentofu.org/")
_REGION_KEYS: Final = ("region", "location", "zone", "availability_zone", "datacenter")
_REGION: Final = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{1,39}")
_RUN_IMAGES: Final = re.compile(r"docker_|kubernetes_|ecs_|cloud_run|container_app|app_service|scaleway_container")
_INSTANCE: Final = re.compile(r'\["(?:[^"\\]|\\.)*"?\]?')
_MAX_TYPES: Final = 3


@dataclass(slots=True)
class _Use:
    types: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    first: str = ""


def is_terraform(document: dict[str, Any]) -> bool:
    """Return whether an object is a plan or a state shown as JSON."""
    parts = ("planned_values", "resource_changes", "prior_state", "values", "configuration")
    return isinstance(document.get("format_version"), str) and any(
        isinstance(document.get(p), (dict, list)) for p in parts
    )


def scan_terraform(document: dict[str, Any], file: str) -> Scanned:
    """Return what a plan or a state depends on.

    Raises:
        RequestError: It is absurdly large.
    """
    reader = _Reader(file)
    dependencies = list(reader.dependencies(document))
    return checked(file, Kind.TERRAFORM, dependencies, reader.gaps)


class _Reader:
    def __init__(self, file: str) -> None:
        self._file = file
        self._uses: dict[tuple[str, str], _Use] = defaultdict(_Use)
        self.gaps: list[Gap] = []

    def dependencies(self, document: dict[str, Any]) -> Iterator[Dependency]:
        for part in ("planned_values", "values"):
            yield from self._module(mapping(mapping(document.get(part)).get("root_module")), part)
        prior = mapping(mapping(document.get("prior_state")).get("values"))
        yield from self._module(mapping(prior.get("root_module")), "prior_state")
        for change in mappings(document.get("resource_changes")):
            # Known already by the planned values, unless it is to be destroyed or they were left out.
            self._provider(change, mapping(mapping(change.get("change")).get("after")))
        providers = mapping(mapping(document.get("configuration")).get("provider_config"))
        for name, config in providers.items():
            for at, text in texts_in(mapping(config).get("expressions"), clean(name), self._file):
                if "://" in text:
                    yield from _called(text, at, Place(self._file, path=at))
        regions = self._regions_by_configuration(document)
        told = {provider for provider, _ in self._uses}
        for provider, region in regions.items():
            if provider not in told:
                self._uses[provider, region].first = "configuration.provider_config"
        for (provider, region), use in self._uses.items():
            region_told = region or regions.get(provider, "")
            yield Dependency(
                (f"terraform:{provider}",),
                Shows.DATA,
                Place(self._file, path=use.first),
                _described(provider, region_told, use.types),
            )

    def _module(self, root: dict[str, Any], path: str) -> Iterator[Dependency]:
        waiting = deque([root])
        while waiting:
            module = waiting.popleft()
            waiting.extend(mappings(module.get("child_modules")))
            for resource in mappings(module.get("resources")):
                values = mapping(resource.get("values"))
                self._provider(resource, values)
                yield from self._inside(resource, values, path)

    def _provider(self, resource: dict[str, Any], values: dict[str, Any]) -> None:
        name = words(resource.get("provider_name"))
        address = _address(resource)
        if not name:
            if address:
                self.gaps.append(
                    Gap(Place(self._file, path=address), Bilingual("fournisseur non dit", "provider not told"))
                )
            return
        use = self._uses[_short(name), _region_of(values)]
        if not use.first:
            use.first = address
        kind = words(resource.get("type"))
        if kind and resource.get("change") is None:
            use.types[kind] += 1

    def _inside(self, resource: dict[str, Any], values: dict[str, Any], path: str) -> Iterator[Dependency]:
        secret = mapping(resource.get("sensitive_values"))
        seen = {key: value for key, value in values.items() if not secret.get(key)}
        address = _address(resource)
        place = Place(self._file, path=address or path)
        kind = words(resource.get("type"))
        runs = _RUN_IMAGES.search(kind) is not None
        for at, text in texts_in(seen, "", self._file):
            key = at.rpartition(".")[2]
            image = image_of(text) if runs and (key == "image" or (at == "name" and kind == "docker_image")) else None
            if image is not None and not is_own(image.split("/", 1)[0].partition(":")[0]):
                shown = f"{address} — image {image}"
                yield Dependency((f"image:{image}",), Shows.DELIVERY, place, Bilingual(shown, shown))
            elif "://" in text:
                yield from _called(text, address, place)

    def _regions_by_configuration(self, document: dict[str, Any]) -> dict[str, str]:
        """Return the region each provider is configured for, empty if not told; providers unused are there too."""
        regions: dict[str, str] = {}
        for config in mapping(mapping(document.get("configuration")).get("provider_config")).values():
            name = words(mapping(config).get("full_name")) or words(mapping(config).get("name"))
            if not name:
                continue
            expressions = mapping(mapping(config).get("expressions"))
            constants = {key: mapping(value).get("constant_value") for key, value in expressions.items()}
            regions[_short(name)] = regions.get(_short(name)) or _region_of(constants)
        return regions


def _address(resource: dict[str, Any]) -> str:
    """Return a resource's address without the keys of its instances: they may be names of persons."""
    return _INSTANCE.sub("[…]", words(resource.get("address")))


def _called(text: str, address: str, place: Place) -> Iterator[Dependency]:
    for host in hosts_in(text).found:
        shown = f"{address} — {host}"
        yield Dependency((f"domain:{host}",), Shows.DATA, place, Bilingual(shown, shown))


def _short(name: str) -> str:
    name = name.lower()
    for registry in _REGISTRIES:
        name = name.removeprefix(registry)
    return name if "/" in name else f"hashicorp/{name}"  # a name alone is of that namespace


def _region_of(values: dict[str, Any]) -> str:
    for key in _REGION_KEYS:
        value = values.get(key)
        if isinstance(value, str) and _REGION.fullmatch(value):
            return clean(value)
    return ""


def _described(provider: str, region: str, types: dict[str, int]) -> Bilingual:
    most = sorted(types.items(), key=lambda item: (-item[1], item[0]))
    listed = ", ".join(f"{count} × {kind}" for kind, count in most[:_MAX_TYPES])
    listed += ", …" if len(most) > _MAX_TYPES else ""
    parts = [part for part in (provider, listed) if part]
    where_fr, where_en = (f"région {region}", f"region {region}") if region else ("région non dite", "region not told")
    return Bilingual(" — ".join([*parts, where_fr]), " — ".join([*parts, where_en]))
