"""Data sets described in Croissant become challenges that prove themselves, and challenges are described so that they come back."""

from __future__ import annotations

import hashlib
import json

import mlcroissant
import pytest
from click.testing import CliRunner

from lumbung.cli import main
from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.executors import Serial
from lumbung.proving.files.croissant import describe, read_dataset
from lumbung.proving.proof import prove
from proving.test_files import pictures  # noqa: F401 - a fixture


def described(folder, fields, **more):
    """Write a description of table.csv, as its owner would."""
    table = folder / "table.csv"
    sha256 = hashlib.sha256(table.read_bytes()).hexdigest() if table.exists() else "0" * 64
    source = {name: {"fileObject": {"@id": "table"}, "extract": {"column": name}} for name in fields}
    text = {
        "@context": {"@language": "en", "@vocab": "https://schema.org/", "sc": "https://schema.org/", "cr": "http://mlcommons.org/croissant/", "column": "cr:column",
                     "conformsTo": "http://purl.org/dc/terms/conformsTo", "dataType": {"@id": "cr:dataType", "@type": "@vocab"}, "extract": "cr:extract",
                     "field": "cr:field", "fileObject": "cr:fileObject", "recordSet": "cr:recordSet", "source": "cr:source"},
        "@type": "sc:Dataset", "name": "pests", "license": "CC-BY-4.0", "conformsTo": "http://mlcommons.org/croissant/1.0", "description": "Generated.",
        "distribution": [{"@type": "cr:FileObject", "@id": "table", "name": "table", "contentUrl": "table.csv", "encodingFormat": "text/csv", "sha256": sha256}],
        "recordSet": [{"@type": "cr:RecordSet", "@id": "rows", "name": "rows", "field": [
            {"@type": "cr:Field", "@id": f"rows/{name}", "name": name, "dataType": kind, "source": source[name]} for name, kind in fields.items()]}],
    } | more  # fmt: skip
    (folder / "croissant.json").write_text(json.dumps(text))
    return folder / "croissant.json"


def test_a_described_table_becomes_a_challenge_that_proves_itself(tmp_path):
    rows = [
        f"{n},{'brown spots' if n % 3 else 'holes'} on leaf {n},{n / 2},{'blast' if n % 3 else 'borer'}"
        for n in range(12)
    ]
    (tmp_path / "table.csv").write_text("number,seen,area,label\n" + "\n".join(rows) + "\n")
    path = described(
        tmp_path, {"number": "sc:Integer", "seen": "sc:Text", "area": "sc:Float", "label": "sc:Text"}
    )
    result = CliRunner().invoke(
        main, ["new", "challenge", str(tmp_path / "Hama Padi"), "--from-croissant", str(path)]
    )
    assert result.exit_code == 0, result.output
    found = read_challenge(tmp_path / "Hama Padi")
    assert found.challenge.id == "hama-padi" and found.challenge.licence == "CC-BY-4.0"
    assert found.challenge.options["fields"] == {"number": "whole", "seen": "text", "area": "number"}
    assert found.challenge.options["answer"] == "label" and prove(found, Serial()).wrong() == []


def test_a_challenge_described_comes_back_with_its_pictures(pictures, tmp_path):  # noqa: F811
    out = pictures / "croissant.json"
    result = CliRunner().invoke(main, ["croissant", str(pictures), "--out", str(out)])
    assert result.exit_code == 0, result.output
    dataset = mlcroissant.Dataset(out)  # whoever has MLCommons' reader reads it
    assert [record["items/id"] for record in dataset.records("items")][:1] == [b"id-0"]
    files = read_dataset(out)
    assert files["media/media/a.png"] == (pictures / "media/a.png").read_bytes()
    lines = [json.loads(line) for line in files["items.jsonl"].splitlines()]
    first = json.loads((pictures / "items.jsonl").read_text().splitlines()[0])
    assert len(lines) == 16 and lines[0] == first | {"picture": "media/a.png", "sound": "media/a.wav"}
    assert (
        '"picture" = "picture"' in files["challenge.toml"] and '"sound" = "audio"' in files["challenge.toml"]
    )


@pytest.mark.parametrize(
    ("spoil", "asked", "says"),
    [
        ("{", {}, "JSON-LD"),
        ("[]", {}, "a list"),
        ("[" * 100_000, {}, "recursion"),
        (None, {"target": "colour"}, "'colour', expected one of seen"),
        (None, {}, "--target: found '', expected one of seen"),
        (None, {"target": "seen", "key": "colour"}, "--key"),
        (None, {"record_set": "pages"}, "'pages', expected --record-set, one of rows"),
        ({"distribution": [{"@type": "cr:FileObject", "@id": "table", "name": "table", "contentUrl": "https://example.org/table.csv", "encodingFormat": "text/csv", "sha256": "0" * 64}]}, {"target": "seen"}, "nothing is fetched"),
        ({"distribution": [{"@type": "cr:FileObject", "@id": "table", "name": "table", "contentUrl": "../../etc/passwd", "encodingFormat": "text/csv", "sha256": "0" * 64}]}, {"target": "seen"}, "beside"),
        ({"distribution": [{"@type": "cr:FileObject", "@id": "table", "name": "table", "contentUrl": "table.csv", "encodingFormat": "text/csv", "sha256": "0" * 64}]}, {"target": "seen"}, "Hash"),
        ({"recordSet": 5}, {"target": "seen"}, "croissant.json"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(tmp_path, spoil, asked, says):
    folder = tmp_path / "set"
    folder.mkdir()
    if not (isinstance(spoil, dict) and "https" in str(spoil)):
        (folder / "table.csv").write_text("seen\nspots\n")
    path = described(folder, {"seen": "sc:Text"}, **(spoil if isinstance(spoil, dict) else {}))
    if isinstance(spoil, str):
        path.write_text(spoil)
    with pytest.raises(ChallengeError) as error:
        read_dataset(path, **asked)
    assert says in str(error.value)


def test_a_challenge_of_another_judge_is_no_data_set():
    from lumbung.proving.catalogue import find_challenge

    with pytest.raises(ChallengeError, match=r"files\.answers"):
        describe(find_challenge("traffic-counts"))


@pytest.mark.parametrize(
    "spelt", ["sc:distribution", "https://schema.org/distribution", "@graph", "contentUrl"]
)
@pytest.mark.parametrize("address", ["../secret.csv", "/secret.csv", "http://127.0.0.1:9/secret.csv", "file:///secret.csv"])  # fmt: skip
def test_however_an_address_is_spelt_only_what_lies_beside_is_read(tmp_path, spelt, address):
    folder = tmp_path / "set"
    folder.mkdir()
    (tmp_path / "secret.csv").write_text("seen\nsecret\n")
    told = json.loads(described(tmp_path, {"seen": "sc:Text"}).read_text())
    part = told["distribution"][0]
    part["sha256"] = hashlib.sha256((tmp_path / "secret.csv").read_bytes()).hexdigest()
    part["contentUrl"] = str(tmp_path / "secret.csv") if address == "/secret.csv" else address
    if spelt == "@graph":
        told = {"@context": told.pop("@context"), "@graph": [told]}
    elif spelt == "contentUrl":
        part[spelt] = {"@value": part[spelt]}
    else:
        told[spelt] = told.pop("distribution")
    (folder / "croissant.json").write_text(json.dumps(told))
    with pytest.raises(ChallengeError, match="nothing is fetched"):
        read_dataset(folder / "croissant.json", target="seen")


@pytest.mark.parametrize("place", ["whole", "part", "import"])
def test_a_context_that_lies_elsewhere_is_not_fetched(tmp_path, place):
    (tmp_path / "table.csv").write_text("seen\nspots\n")
    told = json.loads(described(tmp_path, {"seen": "sc:Text"}).read_text())
    elsewhere = "http://127.0.0.1:9/context.json"
    if place == "whole":
        told["@context"] = elsewhere
    elif place == "part":
        told["distribution"][0]["@context"] = [{}, elsewhere]
    else:
        told["@context"]["@import"] = elsewhere
    (tmp_path / "croissant.json").write_text(json.dumps(told))
    with pytest.raises(ChallengeError, match=r"@context: found http.*nothing is fetched"):
        read_dataset(tmp_path / "croissant.json", target="seen")
