"""`bouclier pseudonymise`: nobody is named in what is written, and the vault leads back, byte for byte."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pyrage
import pytest
from pyarrow import parquet
from tests.document_kit import runs, write_docx, write_mail, write_odt, write_pdf
from tests.servers import environment

from bouclier.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAIL = "zoe.vasseur@example.fr"
PHONE = "01 99 00 12 34"
NAME = "Mme Zoé Vasseur"
NEVER = ("vasseur", "Vasseur", "99 00 12")
TAG = re.compile(r"\[[A-Z_]+_[A-Z0-9]+\]")


@pytest.fixture(autouse=True)
def _names_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOUCLIER_SHIELD_NAMES", "off")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    return Run(capsys)


class Run:
    """The command in this process; what it says never names anybody."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, str]:
        try:
            code = main(["pseudonymise", *map(str, arguments)])
        except SystemExit as left:
            code = int(str(left.code))
        out, said = self._capsys.readouterr()
        for words in NEVER:
            assert words not in out + said
        return code, out + said


class Keys:
    """A vault and who opens it."""

    def __init__(self, folder: Path) -> None:
        identity = pyrage.x25519.Identity.generate()
        self.recipient = str(identity.to_public())
        self.secret = str(identity)
        self.identity = folder / "key.txt"
        self.identity.write_text(f"# somebody\n{identity}\n")
        self.vault = folder / "vault.age"
        self.new = ("--vault", self.vault, "--recipient", self.recipient)
        self.known = ("--vault", self.vault, "--identity", self.identity)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    folder = tmp_path / "keys"
    folder.mkdir()
    return Keys(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of every text format, with every spelling that makes it hard to come back."""
    given = tmp_path / "in"
    (given / "sub").mkdir(parents=True)
    texts = {
        "a.txt": f"\ufeff{NAME}, {MAIL}\r\n{PHONE} [PERSON_K7QX]\r\n",
        "b.csv": f'nom;mail;note\r\nVasseur;{MAIL};"dit ""{PHONE}""\n{NAME}"\r\n;;\r\n"x"y;{MAIL}',
        "c.json": f'{{"nom": "Zo\\u00e9 Vasseur", "tel":"{PHONE}", "n" : 33199001234, "{MAIL}": ["a\\/b", "\\n"]}}',
        "d.jsonl": f'{{"id":1,"t":"{MAIL}"}}\n\n{{"id":2, "t":"Mme Zo\\u00e9 Vasseur"}}',
        "e.html": f"<p title='Mme Zo&eacute; Vasseur'>Mme <b>Zo&eacute;</b> Vasseur &<br>{MAIL}<!-- {PHONE} --></p>\r",
        "f.tsv": f"a\tb\n{MAIL}\t{PHONE}\n",
        "sub/Lettre_Mme_Zoé Vasseur.md": f"# {NAME}\n",
    }
    for name, text in texts.items():
        (given / name).write_bytes(text.encode("utf-8"))
    (given / "g.txt").write_bytes(f"\ufeff{NAME} {MAIL}".encode("utf-16-be"))
    return given


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def test_a_folder_names_nobody_and_comes_back_byte_for_byte(tmp_path: Path, folder: Path, keys: Keys, run: Run) -> None:
    out, back = tmp_path / "out", tmp_path / "back"
    code, said = run(folder, out, *keys.new)
    assert code == 0, said
    assert "8 file(s) written" in said
    assert "EMAIL" in said
    for name, data in files(out):
        text = data.decode("utf-16") if name == "g.txt" else data.decode("utf-8")
        for words in NEVER:
            assert words not in text + name, name
    tags = set(re.findall(r"\[EMAIL_\w+\]", "".join(d.decode("utf-8", "replace") for _, d in files(out))))
    assert len(tags) == 1
    json.loads((out / "c.json").read_bytes())
    assert [json.loads(line)["id"] for line in (out / "d.jsonl").read_text().splitlines() if line] == [1, 2]
    for words in NEVER:
        assert words.encode() not in keys.vault.read_bytes()
    assert keys.vault.stat().st_mode & 0o077 == 0
    code, said = run("--restore", out, back, *keys.known)
    assert (code, said) == (0, "8 file(s) written\n")
    assert dict(files(back)) == dict(files(folder))
    assert not list(tmp_path.glob(".*"))


def test_office_documents_keep_all_but_what_is_replaced(tmp_path: Path, keys: Keys, run: Run) -> None:
    given = tmp_path / "in"
    given.mkdir()
    rels = b'<Relationships><Relationship Target="mailto:%s"/><Relationship Target="a.xml"/></Relationships>'
    write_docx(
        given / "w.docx",
        runs("Madame Zo", "é Vasseur"),
        runs(f"{MAIL} &amp; co"),
        author="zvasseur",
        more={"word/_rels/document.xml.rels": rels % MAIL.encode()},
    )
    write_odt(given / "w.odt", "Mme Zoé <text:span>Vasseur</text:span>", MAIL)
    out, back = tmp_path / "out", tmp_path / "back"
    code, said = run(given, out, *keys.new)
    assert code == 0, said
    for name in ("w.docx", "w.odt"):
        before, after = zipfile.ZipFile(given / name), zipfile.ZipFile(out / name)
        assert before.namelist() == after.namelist()
        for member in before.namelist():
            was, now = before.read(member).decode(), after.read(member).decode()
            assert not any(words in now for words in NEVER), member
            bare = re.compile(r"<[^>]*>")
            assert len(bare.findall(was)) == len(bare.findall(now))
        assert [one.compress_type for one in before.infolist()] == [one.compress_type for one in after.infolist()]
    changed = zipfile.ZipFile(out / "w.docx").read("word/document.xml").decode()
    assert re.search(r"Madame \[PERSON_\w+\]</w:t></w:r><w:r><w:t></w:t>", changed)
    assert run("--restore", out, back, *keys.known)[0] == 0
    for name in ("w.docx", "w.odt"):
        before, after = zipfile.ZipFile(given / name), zipfile.ZipFile(back / name)
        assert {one: before.read(one) for one in before.namelist()} == {
            one: after.read(one) for one in after.namelist()
        }


def test_every_place_of_an_office_document_that_may_name_somebody_is_read(tmp_path: Path, keys: Keys, run: Run) -> None:
    given, out, back = tmp_path / "in", tmp_path / "out", tmp_path / "back"
    given.mkdir()
    space = 'xmlns:w="w" xmlns:wp="wp" xmlns:pic="pic" xmlns:r="r" xmlns:v="v"'
    body = (
        f'<w:p {space}><w:listItem w:displayText="{NAME}" w:value="{MAIL}"/><w:default w:val="{MAIL}"/>'
        f'<w:helpText w:val="{MAIL}"/><w:listEntry w:val="{NAME}"/><wp:docPr id="1" name="{NAME}"/>'
        f'<pic:cNvPr id="2" name="{MAIL}"/><w:bookmarkStart w:id="1" w:name="Mme_Zoé_Vasseur"/>'
        '<w:hyperlink w:anchor="Mme_Zoé_Vasseur"/><w:jc w:val="center"/><w:rFonts w:ascii="Mme Zoé Police"/>'
        f"<w:t>{NAME}</w:t></w:p>"
    )
    more = {
        "docProps/custom.xml": f'<Properties><property pid="2" name="{NAME}"/></Properties>',
        "docProps/app.xml": f"<Properties><Template>{NAME}.dotx</Template></Properties>",
        "customXml/item1.xml": f'<fiche id="{MAIL}" nom="{NAME}" nir="285057800608491"/>',
        "word/_rels/document.xml.rels": (
            '<Relationships><Relationship Id="a" TargetMode="External" Target="../Mme%20Zo%C3%A9%20Vasseur.docx"/>'
            '<Relationship Id="b" Target="media/image1.xml"/></Relationships>'
        ),
    }
    write_docx(given / "w.docx", body, more={name: text.encode() for name, text in more.items()})
    odt = (
        f'<a xmlns:form="f" xmlns:draw="d" xmlns:table="t" xmlns:fo="o"><b form:current-value="{MAIL}"/>'
        '<b office:value="285057800608491"/><text:p>285057800608491</text:p>'
        f'<text:placeholder text:description="{NAME}"/><b draw:name="{NAME}" fo:color="#123456"/>'
        f'<b table:name="{MAIL}"/><b text:name="Mme_Zoé_Vasseur" xlink:href="./styles.xml"/>'
        f'<b xlink:href="#Mme_Zoé_Vasseur"/><b meta:name="{NAME}" x:title="{MAIL}" xmlns:meta="m" xmlns:x="x"/></a>'
    )
    write_odt(given / "w.odt", odt)
    code, said = run(given, out, *keys.new)
    assert code == 0, said
    written = {}
    for name in ("w.docx", "w.odt"):
        with zipfile.ZipFile(out / name) as archive:
            for member in archive.namelist():
                written[member] = archive.read(member).decode()
                assert not any(words in written[member] for words in (*NEVER, "2850578")), member
    document, content = written["word/document.xml"], written["content.xml"]
    (name,) = re.findall(r'w:name="Mme_(\S+)"', document)
    assert TAG.fullmatch(name)
    assert f'<w:hyperlink w:anchor="Mme_{name}"/><w:jc w:val="center"/><w:rFonts w:ascii="Mme Zoé Police"/>' in document
    assert f"<w:t>Mme {name}</w:t>" in document
    assert f'text:name="Mme_{name}" xlink:href="./styles.xml"' in content
    assert f'xlink:href="#Mme_{name}"' in content
    rels = written["word/_rels/document.xml.rels"]
    assert f'Target="../Mme%20{name}' in rels
    assert 'Target="media/image1.xml"' in rels
    assert run("--restore", out, back, *keys.known)[0] == 0
    for file in ("w.docx", "w.odt"):
        with zipfile.ZipFile(given / file) as before, zipfile.ZipFile(back / file) as after:
            for member in before.namelist():
                assert before.read(member) == after.read(member), member


def test_of_a_pdf_and_a_mail_the_text_is_written(tmp_path: Path, keys: Keys, run: Run) -> None:
    given, out, back = tmp_path / "in", tmp_path / "out", tmp_path / "back"
    given.mkdir()
    write_pdf(given / "p.pdf", f"Ecrire : {MAIL}")
    write_mail(given / "m.eml", sender=f"Accueil <{MAIL}>", text=f"Bonjour, {PHONE}", html=f"<p>x &amp; {PHONE}</p>")
    assert run(given, out, *keys.new)[0] == 0
    assert [name for name, _ in files(out)] == ["m.eml.txt", "p.pdf.txt"]
    assert TAG.search((out / "p.pdf.txt").read_text())
    assert not any(words in (out / "m.eml.txt").read_text() for words in NEVER)
    assert run("--restore", out, back, *keys.known)[0] == 0
    assert f"Ecrire : {MAIL}" in (back / "p.pdf.txt").read_text()
    assert f"x & {PHONE}" in (back / "m.eml.txt").read_text()


def test_later_runs_on_one_vault_join(tmp_path: Path, keys: Keys, run: Run) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.write_text(f"id,mail\n1,{MAIL}\n")
    second.write_text(f"ville,mail\nParis,{MAIL}\nLyon,hugo.lemaire@example.org\n")
    assert run(first, tmp_path / "o1.csv", *keys.new)[0] == 0
    code, said = run(second, tmp_path / "o2.csv", *keys.new)
    assert code == 2
    assert "is there already" in said
    assert run(second, tmp_path / "o2.csv", *keys.known)[0] == 0
    tag = (tmp_path / "o1.csv").read_text().splitlines()[1].split(",")[1]
    assert (tmp_path / "o2.csv").read_text().splitlines()[1] == f"Paris,{tag}"
    for number, given in (("1", first), ("2", second)):
        assert run("--restore", tmp_path / f"o{number}.csv", tmp_path / f"b{number}.csv", *keys.known)[0] == 0
        assert (tmp_path / f"b{number}.csv").read_bytes() == given.read_bytes()


def test_without_a_way_back_nothing_but_the_files_is_written(tmp_path: Path, folder: Path, run: Run) -> None:
    before = set(tmp_path.iterdir())
    assert run(folder, tmp_path / "one", "--irreversible")[0] == 0
    assert run(folder, tmp_path / "two", "--irreversible")[0] == 0
    assert set(tmp_path.iterdir()) - before == {tmp_path / "one", tmp_path / "two"}
    assert (tmp_path / "one" / "a.txt").read_bytes() != (tmp_path / "two" / "a.txt").read_bytes()


def test_named_columns_are_replaced_whole_and_kept_types_stay(tmp_path: Path, run: Run) -> None:
    given, out = tmp_path / "t.csv", tmp_path / "o.csv"
    given.write_text(f'dossier;ville;mail\n"A ""1""";Paris;{MAIL}\nB2;Paris;{MAIL}\n;Lyon;\nB2;Paris;x\n')
    assert run(given, out, "--irreversible", "--columns", "dossier", "--keep", "EMAIL,IDENTIFIER")[0] == 0
    rows = [line.split(";") for line in out.read_text().splitlines()]
    assert rows[0] == ["dossier", "ville", "mail"]
    assert TAG.fullmatch(rows[1][0].strip('"'))
    assert rows[2][0] == rows[4][0] != rows[1][0]
    assert rows[3] == ["", "Lyon", ""]
    assert rows[1][1:] == ["Paris", MAIL]
    code, said = run(given, tmp_path / "no.csv", "--irreversible", "--columns", "dossier,client")
    assert code == 2
    assert "has no column client" in said
    assert not (tmp_path / "no.csv").exists()


def test_a_parquet_table_keeps_its_schema_and_comes_back(tmp_path: Path, keys: Keys, run: Run) -> None:
    table = pa.table(
        {
            "mail": pa.array([MAIL, None, "", "rien"] * 200),
            "sorte": pa.array(["a", MAIL, "b", None] * 200).dictionary_encode(),
            "n": pa.array(range(800)),
            "dossier": pa.array([1000 + number % 7 for number in range(800)]),
        }
    )
    given, out, back = tmp_path / "t.parquet", tmp_path / "o.parquet", tmp_path / "b.parquet"
    parquet.write_table(table, given)
    code, said = run(given, out, *keys.new, "--columns", "dossier")
    assert code == 0, said
    written = parquet.read_table(out)
    assert written.schema.field("mail") == table.schema.field("mail")
    assert written.schema.field("sorte").type == table.schema.field("sorte").type
    assert written.column("n").to_pylist() == list(range(800))
    assert written.schema.field("dossier").type == pa.string()
    assert len(set(written.column("dossier").to_pylist())) == 7
    (tag,) = {cell for cell in written.column("mail").to_pylist() if cell} - {"rien"}
    assert tag in written.column("sorte").to_pylist()
    assert run("--restore", out, back, *keys.known)[0] == 0
    again = parquet.read_table(back)
    assert again.column("mail").to_pylist() == table.column("mail").to_pylist()
    assert again.column("sorte").to_pylist() == table.column("sorte").to_pylist()
    assert again.column("dossier").to_pylist() == list(map(str, table.column("dossier").to_pylist()))


def test_what_a_parquet_table_says_of_itself_is_not_written_and_this_is_told(
    tmp_path: Path, keys: Keys, run: Run
) -> None:
    column = pa.field("n", pa.int64(), metadata={"by": NAME})
    table = pa.table({"n": [1]}, schema=pa.schema([column], metadata={"pandas": f"{{}} {MAIL}"}))
    given, out = tmp_path / "t.parquet", tmp_path / "o.parquet"
    parquet.write_table(table, given)
    code, said = run(given, out, *keys.new)
    assert code == 0, said
    assert "metadata of 1 table(s) not written" in said
    assert not any(words.encode() in out.read_bytes() for words in NEVER)
    schema = parquet.read_schema(out)
    assert (schema.metadata or {}) == {}
    assert b"by" not in (schema.field("n").metadata or {})
    assert parquet.read_table(out).column("n").to_pylist() == [1]


def test_a_file_comes_back_in_the_encoding_it_was_given_in(tmp_path: Path, keys: Keys, run: Run) -> None:
    given, out, back = tmp_path / "in", tmp_path / "out", tmp_path / "back"
    given.mkdir()
    (given / "a.txt").write_bytes(f"{NAME} à l'été, 5 €, {MAIL}\r\n".encode("cp1252"))
    (given / "b.csv").write_bytes(f"nom;mail\n{NAME};{MAIL}\n".encode("cp1252"))
    (given / "c.txt").write_bytes(f"\ufeff{NAME}".encode())
    assert run(given, out, *keys.new, "--encoding", "cp1252")[0] == 0
    assert run("--restore", out, back, *keys.known)[0] == 0
    assert dict(files(back)) == dict(files(given))


def test_what_is_left_out_is_neither_counted_nor_kept(tmp_path: Path, keys: Keys) -> None:
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    other = "autre@example.fr"
    (given / "z.txt").write_text(MAIL)
    left = runs(f"{other} {MAIL}"), runs(PHONE)
    write_docx(given / "a Mme Zoé Vasseur.docx", *left, more={"word/media/image1.png": b"\x89PNG"})
    parquet.write_table(pa.table({"m": [other] * 300, "telephone": [1] * 299 + [33639981234]}), given / "t.parquet")
    # What is said of what is left out names its file: that is for whoever gave it.
    code = main(["pseudonymise", str(given), str(out), *map(str, keys.new)])
    assert code == 1
    assert [name for name, _ in files(out)] == ["z.txt"]
    opened = pyrage.decrypt(keys.vault.read_bytes(), [pyrage.x25519.Identity.from_str(keys.secret)])
    assert list(json.loads(opened)["originals"].values()) == [MAIL]


def test_numbers_of_a_parquet_table_that_identify_must_be_named(tmp_path: Path, run: Run) -> None:
    given, out = tmp_path / "t.parquet", tmp_path / "o.parquet"
    parquet.write_table(pa.table({"telephone": pa.array([33639981234])}), given)
    code, said = run(given, out, "--irreversible")
    assert code == 2
    assert "--columns telephone" in said
    assert run(given, out, "--irreversible", "--columns", "telephone")[0] == 0
    assert TAG.fullmatch(parquet.read_table(out).column("telephone")[0].as_py())


def test_secrets_have_no_way_back(tmp_path: Path, keys: Keys, run: Run) -> None:
    given, out, back = tmp_path / "a.txt", tmp_path / "o.txt", tmp_path / "b.txt"
    secret = "postgresql://svc:Tr0ubadour-x9Q@db.example.org/prod"
    given.write_text(f"{secret} {MAIL}")
    assert run(given, out, *keys.new)[0] == 0
    assert "Tr0ubadour" not in out.read_text()
    code, said = run("--restore", out, back, *keys.known)
    assert code == 0
    assert "1 pseudonym(s) this vault does not know" in said
    assert MAIL in back.read_text()
    assert "Tr0ubadour" not in back.read_text()


def test_what_cannot_be_read_whole_is_left_out_and_told(tmp_path: Path, run: Run) -> None:
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    (given / "good.txt").write_text(MAIL)
    (given / "latin.txt").write_bytes("café".encode("latin-1"))
    (given / "binary").write_bytes(b"\0")
    write_docx(given / "picture.docx", runs(MAIL), more={"word/media/image1.png": b"\x89PNG"})
    write_pdf(given / "scan.pdf", "")
    (given / "cut.docx").write_bytes((given / "picture.docx").read_bytes()[:-30])
    code, said = run(given, out, "--irreversible")
    assert code == 1
    assert [name for name, _ in files(out)] == ["good.txt"]
    assert "1 file(s) written" in said
    assert "5 left out" in said
    assert "images, not inspected" in said
    allowed = tmp_path / "allowed"
    assert run(given, allowed, "--irreversible", "--allow-uninspected", "--exclude", "*.pdf")[0] == 1
    with zipfile.ZipFile(allowed / "picture.docx") as written:
        assert written.read("word/media/image1.png") == b"\x89PNG"
        assert MAIL.encode() not in written.read("word/document.xml")
    code, said = run(given / "binary", tmp_path / "one", "--irreversible")
    assert code == 2
    assert not (tmp_path / "one").exists()


def test_nothing_is_overwritten_unless_told(tmp_path: Path, run: Run, keys: Keys) -> None:
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    out.mkdir()
    (given / "a.txt").write_text(MAIL)
    (out / "mine.txt").write_text("mine")
    code, said = run(given, out, "--irreversible")
    assert code == 2
    assert "is there already" in said
    assert dict(files(out)) == {"mine.txt": b"mine"}
    assert run(given, out, "--irreversible", "--force")[0] == 0
    assert [name for name, _ in files(out)] == ["a.txt"]
    for place in (given / "inside", given, tmp_path):
        code, said = run(given, place, "--irreversible", "--force")
        assert code == 2, place
        assert "not apart" in said
    code, said = run(given, tmp_path / "new", "--vault", given / "v", "--recipient", keys.recipient)
    assert code == 2
    assert "in what is read or written" in said
    code, said = run(given, tmp_path / "none" / "new", "--irreversible")
    assert code == 2
    assert "cannot be read or written" in said
    assert run(tmp_path / "nothing", tmp_path / "new", "--irreversible")[0] == 2


def test_wrong_keys_and_broken_vaults_are_told(tmp_path: Path, keys: Keys, run: Run) -> None:
    given, out, back = tmp_path / "a.txt", tmp_path / "o.txt", tmp_path / "b.txt"
    given.write_text(MAIL)
    assert run(given, out, "--vault", keys.vault, "--recipient", "age1wrong")[0] == 2
    assert run(given, out, *keys.new)[0] == 0
    other = tmp_path / "other"
    other.mkdir()
    wrong = Keys(other)
    code, said = run("--restore", out, back, "--vault", keys.vault, "--identity", wrong.identity)
    assert code == 2
    assert "does not open with this identity" in said
    code, said = run("--restore", out, back, "--vault", keys.vault, "--identity", given)
    assert "is no age identity file" in said
    whole = keys.vault.read_bytes()
    keys.vault.write_bytes(whole[:-10])
    assert run("--restore", out, back, *keys.known)[0] == 2
    keys.vault.write_bytes(pyrage.encrypt(b'{"zoe": "vasseur"}', [pyrage.x25519.Recipient.from_str(keys.recipient)]))
    code, said = run("--restore", out, back, *keys.known)
    assert code == 2
    assert "is no vault of Bouclier" in said
    assert not back.exists()


def test_an_identity_can_be_made_on_the_way(tmp_path: Path, run: Run) -> None:
    given, key, vault = tmp_path / "a.txt", tmp_path / "key.txt", tmp_path / "v"
    given.write_text(MAIL)
    assert run(given, tmp_path / "o.txt", "--vault", vault, "--create-identity", key)[0] == 0
    assert key.stat().st_mode & 0o077 == 0
    assert run("--restore", tmp_path / "o.txt", tmp_path / "b.txt", "--vault", vault, "--identity", key)[0] == 0
    assert (tmp_path / "b.txt").read_text() == MAIL


def test_an_identity_is_made_only_if_there_is_something_to_open(tmp_path: Path, run: Run) -> None:
    given, key, vault, out = tmp_path / "a.txt", tmp_path / "key.txt", tmp_path / "v", tmp_path / "o.txt"
    new = ("--vault", vault, "--create-identity", key)
    assert run(given, out, *new)[0] == 2
    given.write_bytes(b"\xff\xe9")
    assert run(given, out, *new)[0] == 2
    assert run(given, out, *new, "--columns", "a", "--keep", "NOTHING")[0] == 2
    assert not key.exists()
    given.write_text(MAIL)
    code, said = run(given, out, "--vault", key, "--create-identity", key)
    assert code == 2
    assert "Keep the key elsewhere" in said
    assert run(given, out, *new)[0] == 0
    before = key.read_bytes()
    code, said = run(given, tmp_path / "p.txt", "--vault", tmp_path / "w", "--create-identity", key)
    assert code == 2
    assert f"{key} is there already: a key replaces nothing." in said
    assert "--identity" in said
    assert key.read_bytes() == before
    assert not (tmp_path / "w").exists()


def test_a_copy_that_was_edited_since_still_comes_back(tmp_path: Path, keys: Keys, run: Run) -> None:
    given, out, back = tmp_path / "a.json", tmp_path / "o.json", tmp_path / "b.json"
    given.write_text(f'{{"nom": "Mme Zo\\u00e9 Vasseur", "m": "{MAIL}"}}')
    assert run(given, out, *keys.new)[0] == 0
    out.write_text(out.read_text().replace('"m"', '"mail"'))
    assert run("--restore", out, back, *keys.known)[0] == 0
    assert json.loads(back.read_text()) == {"nom": "Mme Zoé Vasseur", "mail": MAIL}


def test_a_run_that_died_between_its_vault_and_its_result_can_be_run_again(
    tmp_path: Path, keys: Keys, run: Run
) -> None:
    given, out = tmp_path / "a.txt", tmp_path / "o.txt"
    given.write_text(MAIL)
    assert run(given, out, *keys.new)[0] == 0
    died = keys.vault.read_bytes()
    beside = tmp_path / ".o.txt.bouclier"
    beside.mkdir()
    out.rename(beside / "new")
    (beside / "journal").write_text(json.dumps({"vault": str(keys.vault), "sha256": _digest(keys.vault)}))

    code, said = run(given, out, *keys.new)

    assert code == 0, said
    assert keys.vault.read_bytes() != died
    assert not beside.exists()
    back = tmp_path / "b.txt"
    assert run("--restore", out, back, *keys.known)[0] == 0
    assert back.read_text() == MAIL


@pytest.mark.parametrize("kill_at", ["new/000.txt", "new/060.txt", "journal"])
def test_a_run_that_is_killed_leaves_nothing_and_can_be_run_again(
    tmp_path: Path, keys: Keys, run: Run, kill_at: str
) -> None:
    given, out = tmp_path / "in", tmp_path / "out"
    given.mkdir()
    for number in range(120):
        (given / f"{number:03}.txt").write_text(f"{MAIL} {number}\n" * 20)
    command = [sys.executable, "-m", "bouclier", "pseudonymise", given, out, *keys.new]
    with subprocess.Popen(
        list(map(str, command)),
        env=environment(BOUCLIER_SHIELD_NAMES="off"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        seen = tmp_path / ".out.bouclier" / kill_at
        while process.poll() is None and not seen.exists():
            assert not (out.exists() and len(list(out.iterdir())) < 120)
        process.kill()  # nothing, if it has ended by itself
        process.wait()
    if out.exists():  # it was faster: then it is whole
        assert len(list(out.iterdir())) == 120
        assert keys.vault.exists()
        return
    code, said = run(given, out, *keys.new)
    assert code == 0, said
    assert len(list(out.iterdir())) == 120
    assert not (tmp_path / ".out.bouclier").exists()
    assert run("--restore", out, tmp_path / "back", *keys.known)[0] == 0
    assert dict(files(tmp_path / "back")) == dict(files(given))


def test_a_vault_without_its_result_is_taken_away_and_what_was_replaced_stands_again(
    tmp_path: Path, keys: Keys, run: Run
) -> None:
    """What a crash between the two renames leaves."""
    given, out, staging = tmp_path / "a.txt", tmp_path / "o.txt", tmp_path / ".o.txt.bouclier"
    given.write_text(MAIL)
    keys.vault.write_bytes(b"a vault of a run that died")
    staging.mkdir()
    (staging / "new").write_text("x")
    (staging / "old").write_text("what was there")
    (staging / "journal").write_text(json.dumps({"vault": str(keys.vault), "sha256": _digest(keys.vault)}))
    code, said = run(given, out, "--irreversible")
    assert code == 2
    assert "is there already" in said
    assert out.read_text() == "what was there"
    assert not keys.vault.exists()
    assert run(given, out, *keys.new, "--force")[0] == 0
    assert run("--restore", out, tmp_path / "b.txt", *keys.known)[0] == 0


def test_two_runs_do_not_write_in_one_place(tmp_path: Path, run: Run) -> None:
    import fcntl  # noqa: PLC0415

    given, staging = tmp_path / "a.txt", tmp_path / ".o.txt.bouclier"
    given.write_text(MAIL)
    staging.mkdir()
    with (staging / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        code, said = run(given, tmp_path / "o.txt", "--irreversible")
    assert code == 2
    assert "is being written" in said


def test_a_long_table_is_written_in_constant_memory(tmp_path: Path) -> None:
    little, much = tmp_path / "little.jsonl", tmp_path / "much.jsonl"
    line = json.dumps({"id": 1, "note": "rien à dire " * 300}) + "\n"
    little.write_text(line)
    much.write_text(line * 6_000)
    assert much.stat().st_size > 18 << 20
    program = (
        "import resource, sys; from bouclier.cli import main\n"
        "for name in sys.argv[1:]:\n"
        "    assert main(['pseudonymise', name, name + '.out', '--irreversible']) == 0\n"
        "    print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, little, much],
        env=environment(BOUCLIER_SHIELD_NAMES="off"),
        capture_output=True,
        text=True,
        timeout=150,
        check=True,
    )
    before, after = (int(peak) << 10 for peak in re.findall(r"peak (\d+)", done.stdout))
    assert after - before < 30 << 20
    assert _digest(tmp_path / "much.jsonl.out") == _digest(much)


@pytest.mark.parametrize(
    "arguments",
    [
        ["a", "b"],
        ["a", "b", "--vault", "v", "--irreversible"],
        ["a", "b", "--vault", "v"],
        ["--restore", "a", "b"],
        ["--restore", "a", "b", "--vault", "v"],
        ["a", "b", "--irreversible", "--keep", "VIRUS"],
    ],
)
def test_usage_is_said(arguments: list[str], run: Run) -> None:
    assert run(*arguments)[0] == 2


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
