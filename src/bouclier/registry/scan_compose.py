"""Read what a docker-compose file depends on: images, and the hosts of addresses in its services.

Values are looked at for hosts and dropped. What is elsewhere (an `env_file`, a variable of the shell, another file, a
Dockerfile) is a gap; so is an address in a label: a proxy may send data there, or it may be a link on a page. Names of
an image's own description are no address of anybody. Not read: Kubernetes manifests.

Source: the Compose Specification.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from bouclier.registry.scan_addresses import hosts_in, is_address, is_own, known_shape
from bouclier.registry.scan_model import Dependency, Gap, Kind, Place, Scanned, Shows, checked
from bouclier.registry.scan_yaml import Node, check_keys, read_documents, scalars
from bouclier.registry.shown import clean
from bouclier.terms.errors import Bilingual

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKS: Final = re.compile(rb"(?m)^[\"']?services[\"']?\s*:")
"""What a compose file has at the beginning of a line."""

_DEFAULT: Final = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?[-+]([^{}]*)\}")
_VARIABLE: Final = re.compile(r"\$\{[A-Za-z_][^{}]*\}|\$[A-Za-z_][A-Za-z0-9_]*")
_PORT_VARIABLE: Final = re.compile(
    r"(://[A-Za-z0-9.-]+):(?:\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$[A-Za-z_][A-Za-z0-9_]*)(?=[/\s\"']|$)"
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,79}")
_ADDRESS_NAME: Final = re.compile(r"(?i)(URL|URI|HOST|ENDPOINT|DSN|SERVER|BROKER|BASE)s?$")
_KEY_NAME: Final = re.compile(r"(?i)(KEY|TOKEN|SECRET|DSN|CREDENTIALS?|PASSWORD|_ID|_SID)$")
_NO_KEY: Final = frozenset(
    {"", "none", "null", "false", "dummy", "empty", "fake", "na", "n/a", "not-needed", "changeme"}
)
_IMAGE: Final = re.compile(r"[A-Za-z0-9._:@/\[\]-]+")
_HUB: Final = "docker.io"
_REPOSITORY: Final = re.compile(
    r"(?:[A-Za-z0-9_.-]+@(?P<at>[A-Za-z0-9.-]+):.+|(?P<of>[A-Za-z0-9.-]+\.[A-Za-z]{2,})/[^#\n]+\.git(?:#.*)?"
    r"|(?P<hub>github\.com)/.+)"
)
_LONGEST_ADDRESS: Final = 2_000
_DESCRIPTIONS: Final = ("org.opencontainers.", "org.label-schema.", "com.docker.")
"""How labels begin that describe an image: its source, its documentation."""
_NOT_HERE: Final = Bilingual("une adresse qui n'est pas ici", "an address not told here")


def scan_compose(text: str, file: str) -> Scanned | None:
    """Return what a compose file depends on; None if this YAML is something else.

    Raises:
        RequestError: It is not YAML, gives a key twice, or is made to exhaust us.
    """
    documents = [node for node in read_documents(text, file) if _services(node)]
    if not documents:
        return None
    check_keys(documents, file)
    dependencies: list[Dependency] = []
    gaps: list[Gap] = []
    for document in documents:
        if document.get("include") is not None:
            gaps.append(Gap(Place(file, document.line), Bilingual("d'autres fichiers inclus", "other files included")))
        for name, service in _services(document):
            reader = _Service(file, clean(name.text or ""))
            dependencies.extend(reader.dependencies(service))
            gaps.extend(reader.gaps)
    return checked(file, Kind.COMPOSE, dependencies, gaps)


def _services(document: Node) -> list[tuple[Node, Node]]:
    # All that is called so, lest an empty one makes the file look like none of ours.
    all_services = [value for key, value in document.pairs() if key.text == "services"]
    found = [(name, value) for services in all_services for name, value in services.pairs() if value.entries]
    # Other software too has files with `services` at the top; theirs have neither images nor builds.
    return found if any(value.get(key) for _, value in found for key in ("image", "build", "extends")) else []


class _Service:
    def __init__(self, file: str, name: str) -> None:
        self._file = file
        self._name = name
        self.gaps: list[Gap] = []

    def dependencies(self, service: Node) -> Iterator[Dependency]:
        read = set[str]()
        for key, value in service.pairs():
            if key.text in read:
                continue  # its own value hides the merged one
            read.add(key.text or "")
            match key.text:
                case "image":
                    yield from self._image(value)
                case "environment":
                    yield from self._environment(value)
                case "env_file" | "extends":
                    self._gap(value, Bilingual(f"« {key.text} » : un autre fichier", f"`{key.text}`: another file"))
                case "build":
                    self._gap(value, Bilingual("image construite sur place", "image built on the spot"))
                    yield from self._build(value)
                case _:
                    yield from self._running(key.text or "", value)

    def _running(self, key: str, value: Node) -> Iterator[Dependency]:
        """Yield whom a setting of a running service leads to."""
        match key:
            case "logging":
                yield from self._logging(value)
            case "labels" | "annotations":
                self._labels(value)
            case "deploy":
                for name, inner in value.pairs():
                    if name.text == "labels":
                        self._labels(inner)
                    else:
                        yield from self._hosts(inner)
            case "extra_hosts":
                yield from self._extra_hosts(value)
            case "dns":
                yield from self._dns(value)
            case _:
                yield from self._hosts(value)

    def _gap(self, node: Node, what: Bilingual) -> None:
        self.gaps.append(
            Gap(Place(self._file, node.line), Bilingual(*(f"{self._name} — {text}" for text in _both(what))))
        )

    def _image(self, node: Node) -> Iterator[Dependency]:
        given = node.text or ""
        text = _DEFAULT.sub(r"\1", given)
        reference = image_of(text)
        if reference is None:
            self._gap(node, Bilingual("une image dite par une variable", "an image that a variable names"))
        elif not is_own(reference.split("/", 1)[0].partition(":")[0]):
            yield self._one(node, f"image:{reference}", Shows.DELIVERY, _same(f"{self._name} — image {reference}"))

    def _environment(self, node: Node) -> Iterator[Dependency]:
        variables: dict[str, Node | None] = {}
        for key, value in node.pairs():
            variables.setdefault(key.text or "", value)  # what is merged is hidden by what is there
        for item in node.items:
            name, told, rest = (item.text or "").partition("=")
            variables.setdefault(name, Node(item.line, rest) if told else None)
        addressed = {
            _prefix(name)
            for name, value in variables.items()
            if value is not None and any("://" in (one.text or "") for one in scalars(value))
        }
        for name, given in variables.items():
            value = Node(node.line, "") if given is None else given
            yield from self._variable(name, value)
            if _KEY_NAME.search(name) and _NAME.fullmatch(name) and _prefix(name) not in addressed:
                # A key for somebody, and no address that says it is not them: theirs is the default.
                text = "" if given is None else (value.text or "")
                if given is None or text.strip().lower() not in _NO_KEY:
                    what = _same(f"{self._name} — {name}")
                    yield self._one(value, f"variable:{name}", Shows.DATA, what, doubtful=True)

    def _variable(self, name: str, value: Node) -> Iterator[Dependency]:
        shown = name if _NAME.fullmatch(name) else "?"
        what = _same(f"{self._name} — {shown}")
        for node in scalars(value):
            text = _said(node)
            hosts = hosts_in(text)
            for host in hosts.found:
                yield self._one(node, f"domain:{host}", Shows.DATA, what)
            for host in hosts.bare:
                yield self._one(node, f"domain:{host}", Shows.DATA, what, doubtful=True)
            nothing = not hosts.found and not hosts.bare
            if hosts.unclear or (nothing and _ADDRESS_NAME.search(name) and (not text or _VARIABLE.search(text))):
                self._gap(
                    node, Bilingual(f"{shown} : une adresse qui n'est pas ici", f"{shown}: an address not told here")
                )

    def _hosts(self, value: Node, shows: Shows = Shows.DATA) -> Iterator[Dependency]:
        for node in scalars(value):
            hosts = hosts_in(_said(node))
            for host in hosts.found:
                yield self._one(node, f"domain:{host}", shows, _same(f"{self._name} — {host}"))
            if hosts.unclear:
                self._gap(node, _NOT_HERE)

    def _build(self, value: Node) -> Iterator[Dependency]:
        """Yield whom an image is built from: where its context is fetched from, and addresses in its arguments."""
        contexts = [value] if value.text is not None else []
        for name, inner in value.pairs():
            if name.text == "labels":
                self._labels(inner)
            elif name.text in {"context", "additional_contexts"}:
                contexts.append(inner)
            else:
                yield from self._hosts(inner, Shows.DELIVERY)
        for context in contexts:
            yield from self._hosts(context, Shows.DELIVERY)
            for node in scalars(context):
                # `git@host:path` and `host/path.git`, which Docker fetches as repositories; else a folder from here.
                text = node.text or ""
                host = (
                    None
                    if "://" in text or len(text) > _LONGEST_ADDRESS
                    else _REPOSITORY.fullmatch(text.partition("=")[2] or text)
                )
                shaped = None if host is None else known_shape(host["at"] or host["of"] or host["hub"])
                if shaped is not None and not is_own(shaped):
                    yield self._one(node, f"domain:{shaped}", Shows.DELIVERY, _same(f"{self._name} — {shaped}"))

    def _labels(self, value: Node) -> None:
        """Tell of addresses in labels: what reads a label is not told here."""
        pairs = [(key.text or "", inner) for key, inner in value.pairs()]
        pairs += [(item.text.partition("=")[0], item) for item in value.items if item.text is not None]
        for name, inner in pairs:
            if name.startswith(_DESCRIPTIONS):
                continue
            shown = name if _NAME.fullmatch(name) else "?"
            for node in scalars(inner):
                hosts = hosts_in(_said(node))
                for host in hosts.found:
                    fr = f"étiquette {shown} : {host}, sans qu'on sache si des données y vont"
                    self._gap(node, Bilingual(fr, f"label {shown}: {host}, and not whether data go there"))
                if hosts.unclear:
                    self._gap(node, _NOT_HERE)

    def _extra_hosts(self, value: Node) -> Iterator[Dependency]:
        """Yield whom names lead to that this file gives an address itself; those on the own network are nobody's."""
        pairs = [(key.text or "", inner, inner.text or "") for key, inner in value.pairs()]
        for item in value.items:
            name, _, address = re.sub("=", ":", item.text or "", count=1).partition(":")
            pairs.append((name, item, address))
        for name, node, address in pairs:
            text = _DEFAULT.sub(r"\1", address).strip().strip("[]")
            if _VARIABLE.search(text):
                self._gap(node, _NOT_HERE)
            elif is_address(text) and not is_own(text):
                signs = [f"domain:{text}"]
                shaped = known_shape(name)
                if shaped is not None and not is_own(shaped):
                    signs.insert(0, f"domain:{shaped}")
                what = _same(f"{self._name} — {shaped or '?'} = {text}")
                yield Dependency(tuple(signs), Shows.DATA, Place(self._file, node.line), what)

    def _dns(self, value: Node) -> Iterator[Dependency]:
        """Yield whom names are asked from."""
        for node in scalars(value):
            text = _said(node).strip().strip("[]")
            if _VARIABLE.search(text):
                self._gap(node, _NOT_HERE)
            elif is_address(text) and not is_own(text):
                yield self._one(node, f"domain:{text}", Shows.DATA, _same(f"{self._name} — DNS {text}"))

    def _logging(self, node: Node) -> Iterator[Dependency]:
        driver = node.get("driver")
        if driver is not None and driver.text in _LOG_DRIVERS:
            what = Bilingual(f"{self._name} — journaux vers {driver.text}", f"{self._name} — logs to {driver.text}")
            yield self._one(driver, f"name:{_LOG_DRIVERS[driver.text]}", Shows.DATA, what)
        yield from self._hosts(node)

    def _one(self, node: Node, sign: str, shows: Shows, what: Bilingual, *, doubtful: bool = False) -> Dependency:
        return Dependency((sign,), shows, Place(self._file, node.line), what, doubtful)


_LOG_DRIVERS: Final = {"awslogs": "Amazon Web Services", "gcplogs": "Google Cloud", "splunk": "Splunk"}
"""Drivers of the container engine that send logs to the cloud they are named for."""


def _said(node: Node) -> str:
    """Return a value, its variables replaced by their defaults, and a port that a variable says by any."""
    return _PORT_VARIABLE.sub(r"\1:1", _DEFAULT.sub(r"\1", node.text or ""))


def _prefix(name: str) -> str:
    return name.partition("_")[0].upper()


def image_of(text: str) -> str | None:
    """Return an image's full name without tag or digest, in lower case; None if it cannot be told.

    >>> image_of("nginx:1.27"), image_of("ghcr.io/org/App@sha256:00")
    ('docker.io/library/nginx', 'ghcr.io/org/app')
    """
    text = text.strip()
    if not text or not _IMAGE.fullmatch(text):
        return None
    path = text.partition("@")[0]
    head, slash, last = path.rpartition("/")
    path = f"{head}{slash}{last.partition(':')[0]}".lower()
    first, _, rest = path.partition("/")
    if not rest:
        return f"{_HUB}/library/{first}"
    host = first.partition(":")[0]
    if host == "localhost" or ":" in first or known_shape(host):
        return path if host != "index.docker.io" else f"{_HUB}/{rest}"
    return f"{_HUB}/{path}"


def _both(text: Bilingual) -> tuple[str, str]:
    return text.fr, text.en


def _same(text: str) -> Bilingual:
    return Bilingual(text, text)
