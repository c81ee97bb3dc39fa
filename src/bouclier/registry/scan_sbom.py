"""Read what a software bill of materials names: components by their package URL and supplier, and services it calls.

CycloneDX (1.2 to 1.7, JSON) and SPDX (2.2, 2.3, and 3.0 as JSON-LD). Persons named as suppliers or authors are left
out. Not read: relations between components, hashes, licences, vulnerabilities; the XML and tag-value forms.

Source: CycloneDX bom-1.6.schema.json; SPDX 2.3 §7; SPDX 3.0.1 Core and Software profiles; the purl specification.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

from bouclier.registry.scan_addresses import hosts_in
from bouclier.registry.scan_json import mapping, mappings, words
from bouclier.registry.scan_model import Dependency, Gap, Kind, Place, Scanned, Shows, checked
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator

_ORGANISATION: Final = "organization:"
_PERSON: Final = "person:"
_NOBODY: Final = ("", "noassertion", "none")


def is_cyclonedx(document: dict[str, Any]) -> bool:
    """Return whether an object is a CycloneDX bill."""
    return document.get("bomFormat") == "CycloneDX"


def is_spdx(document: dict[str, Any]) -> bool:
    """Return whether an object is an SPDX bill, of version 2 or 3."""
    if isinstance(document.get("spdxVersion"), str):
        return True
    context = document.get("@context")
    contexts = context if isinstance(context, list) else [context]
    return any(isinstance(one, str) and "spdx.org/rdf/3" in one for one in contexts)


def scan_cyclonedx(document: dict[str, Any], file: str) -> Scanned:
    """Return what a CycloneDX bill names.

    Raises:
        RequestError: It is absurdly large.
    """
    gaps: list[Gap] = []
    return checked(file, Kind.CYCLONEDX, list(_cyclonedx(document, file, gaps)), gaps)


def _cyclonedx(document: dict[str, Any], file: str, gaps: list[Gap]) -> Iterator[Dependency]:
    own = mapping(mapping(document.get("metadata")).get("component"))
    waiting = deque([document, own])
    while waiting:
        for component in mappings(waiting.popleft().get("components")):
            waiting.append(component)
            yield from _component(component, file, gaps)
    services = deque(mappings(document.get("services")))
    while services:
        service = services.popleft()
        services.extend(mappings(service.get("services")))
        yield from _service(service, file, gaps)


def _component(component: dict[str, Any], file: str, gaps: list[Gap]) -> Iterator[Dependency]:
    makers = [words(mapping(component.get(key)).get("name")) for key in ("supplier", "manufacturer")]
    makers.append(words(component.get("publisher")))
    name = words(component.get("name"))
    group = words(component.get("group"))
    place = Place(file, path=words(component.get("bom-ref")) or f"components[{name}]")
    signs = _signs(words(component.get("purl")), makers)
    if signs:
        shown = f"{group}/{name}" if group else name
        yield Dependency(signs, Shows.SOFTWARE, place, Bilingual(f"composant {shown}", f"component {shown}"))
    elif name:
        gaps.append(_nobody(place, name))


def _service(service: dict[str, Any], file: str, gaps: list[Gap]) -> Iterator[Dependency]:
    name = words(service.get("name"))
    place = Place(file, path=words(service.get("bom-ref")) or f"services[{name}]")
    provider = words(mapping(service.get("provider")).get("name"))
    what = Bilingual(f"service {name}", f"service {name}")
    endpoints = service.get("endpoints")
    addresses = [one for one in endpoints if isinstance(one, str)] if isinstance(endpoints, list) else []
    hosts = {host: None for address in addresses for host in hosts_in(address).found}
    others = (f"name:{provider}",) if provider else ()
    for host in hosts:
        yield Dependency((f"domain:{host}", *others), Shows.DATA, place, what)
    if not hosts and others:
        yield Dependency(others, Shows.DATA, place, what)
    elif not hosts:
        gaps.append(_nobody(place, name))


def scan_spdx(document: dict[str, Any], file: str) -> Scanned:
    """Return what an SPDX bill names.

    Raises:
        RequestError: It is absurdly large.
    """
    gaps: list[Gap] = []
    reader = _spdx_2 if isinstance(document.get("spdxVersion"), str) else _spdx_3
    return checked(file, Kind.SPDX, list(reader(document, file, gaps)), gaps)


def _spdx_2(document: dict[str, Any], file: str, gaps: list[Gap]) -> Iterator[Dependency]:
    described = document.get("documentDescribes")
    own = set(map(words, described)) if isinstance(described, list) else set[str]()
    for relation in mappings(document.get("relationships")):
        if relation.get("relationshipType") == "DESCRIBES" and relation.get("spdxElementId") == "SPDXRef-DOCUMENT":
            own.add(words(relation.get("relatedSpdxElement")))
    for package in mappings(document.get("packages")):
        id_ = words(package.get("SPDXID"))
        if id_ in own:
            continue  # what the bill is of
        purls = [
            words(ref.get("referenceLocator"))
            for ref in mappings(package.get("externalRefs"))
            if words(ref.get("referenceType")).endswith("purl")
        ]
        makers = [_organisation(words(package.get(key))) for key in ("supplier", "originator")]
        from_ = hosts_in(words(package.get("downloadLocation"))).found
        yield from _package(words(package.get("name")), purls, makers, Place(file, path=id_), gaps, from_)


def _spdx_3(document: dict[str, Any], file: str, gaps: list[Gap]) -> Iterator[Dependency]:
    graph = mappings(document.get("@graph"))
    organisations = {
        words(one.get("spdxId")): words(one.get("name")) for one in graph if one.get("type") == "Organization"
    }
    roots = {
        words(root)
        for one in graph
        if one.get("type") in {"SpdxDocument", "software_Sbom"} and isinstance(one.get("rootElement"), list)
        for root in one["rootElement"]
    }
    for one in graph:
        id_ = words(one.get("spdxId"))
        if one.get("type") not in {"software_Package", "ai_AIPackage", "dataset_DatasetPackage"} or id_ in roots:
            continue
        purls = [words(one.get("software_packageUrl"))]
        purls += [
            words(other.get("identifier"))
            for other in mappings(one.get("externalIdentifier"))
            if other.get("externalIdentifierType") == "packageUrl"
        ]
        by = one.get("originatedBy")
        makers = [words(one.get("suppliedBy")), *(map(words, by) if isinstance(by, list) else ())]
        named = [organisations.get(maker, "") for maker in makers]
        yield from _package(words(one.get("name")), purls, named, Place(file, path=id_), gaps)


def _package(
    name: str,
    purls: list[str],
    makers: list[str],
    place: Place,
    gaps: list[Gap],
    fetched_from: tuple[str, ...] = (),
) -> Iterator[Dependency]:
    signs = _signs(next((purl for purl in purls if purl), ""), makers)
    what = Bilingual(f"composant {name}", f"component {name}")
    if signs:
        yield Dependency(signs, Shows.SOFTWARE, place, what)
    elif fetched_from:
        yield Dependency((f"domain:{fetched_from[0]}",), Shows.DELIVERY, place, what)
    elif name:
        gaps.append(_nobody(place, name))


def _signs(purl: str, makers: list[str]) -> tuple[str, ...]:
    named = tuple(f"name:{maker}" for maker in dict.fromkeys(makers) if maker.lower() not in _NOBODY)
    return (f"purl:{purl}", *named) if purl.startswith("pkg:") else named


def _organisation(text: str) -> str:
    lowered = text.lower()
    if lowered.startswith(_ORGANISATION):
        return text[len(_ORGANISATION) :].partition("(")[0].strip()
    return "" if lowered.startswith(_PERSON) else text


def _nobody(place: Place, name: str) -> Gap:
    return Gap(place, Bilingual(f"{name} : ni provenance ni fournisseur", f"{name}: neither origin nor supplier"))
