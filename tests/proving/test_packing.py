"""What a challenge declares leaves; whatever else lies beside it stays."""

from __future__ import annotations

import io
import tarfile
import zipfile

import pytest
from click.testing import CliRunner

from lumbung.cli.pose import command as pose
from lumbung.proving.challenge import ChallengeError, fit_to_be_seen, read_challenge
from lumbung.proving.packing import Undeclarable, declared, left_out, write_tar
from lumbung.proving.proof import prove

AT_HOME = {
    "private/truth.csv": "id,target\n1,99\n",
    ".env": "LUMBUNG_TOKEN=lbt_x\n",
    "keys/signing.pem": "-----BEGIN PRIVATE KEY-----\n",
    "lumbung-out/evidence.json": "{}",
    "notes.md": "who will win\n",
    ".git/config": "[core]\n",
    "submissions/accepted/straight-line/__pycache__/solution.pyc": "x",
}


@pytest.fixture
def lived_in(toy):
    """A challenge whose folder somebody works in."""
    for name, text in AT_HOME.items():
        (toy / name).parent.mkdir(parents=True, exist_ok=True)
        (toy / name).write_text(text)
    (toy / "README.md").write_text("# A challenge\n")
    (toy / "LICENSE").write_text("CC0\n")
    return toy


def test_only_what_is_declared_goes(lived_in):
    found = read_challenge(lived_in)
    names = {str(name) for name in found.files}
    assert {"challenge.toml", "inputs.csv", "truth.csv", "README.md", "LICENSE"} < names
    assert all(name.startswith("submissions/") for name in names if "/" in name)
    assert not names & set(AT_HOME)
    assert left_out(lived_in, found.files) == [".env", "keys/", "notes.md", "private/"]


def test_what_stays_at_home_is_no_part_of_the_challenge(toy, lived_in):
    before = read_challenge(lived_in).digest
    (lived_in / "notes.md").write_text("somebody else")
    (lived_in / "private" / "truth.csv").unlink()
    assert read_challenge(lived_in).digest == before
    (lived_in / "LICENSE").write_text("another licence")
    assert read_challenge(lived_in).digest != before


def test_data_declares_what_no_option_names(toy):
    (toy / "networks" / "small").mkdir(parents=True)
    (toy / "networks" / "small" / "net.xml").write_text("<net/>")
    (toy / "networks" / "notes.txt").write_text("x")
    toml = toy / "challenge.toml"
    before = read_challenge(toy)
    toml.write_text(
        toml.read_text().replace("version = 1\n", 'version = 1\ndata = ["networks/*/*.xml"]\n', 1)
    )
    found = read_challenge(toy)
    assert "networks/small/net.xml" in map(str, found.files) and found.digest != before.digest
    assert left_out(toy, found.files) == ["networks/notes.txt"]
    digest = found.digest
    (toy / "networks" / "small" / "net.xml").write_text("<net></net>")
    assert read_challenge(toy).digest != digest


@pytest.mark.parametrize(
    "name",
    [
        "private/x.csv",
        ".env",
        "data.key",
        "deploy/id_ed25519",
        "token",
        "my_secret.json",
        "credentials.json",
        "a.PEM",
    ],
)
@pytest.mark.parametrize("way", ["option", "data", "submission"])
def test_what_looks_private_is_refused_by_name_where_it_is_declared(toy, name, way):
    folder = toy / "submissions" / "accepted" / "straight-line" if way == "submission" else toy
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("x")
    options = {"files": [{"which": name}]} if way == "option" else {}
    with pytest.raises(Undeclarable, match="looks private by its name") as error:
        declared(toy, options, [name] if way == "data" else [])
    assert str(folder / name).startswith(error.value.where) or name in str(error.value)


@pytest.mark.parametrize("text", ["..", "../toy", "/etc/passwd", ".", "", "no\0path", "a" * 300, "ID", "*"])
def test_an_option_that_is_no_path_below_the_folder_declares_nothing(toy, text):
    before = declared(toy, {})
    assert declared(toy, {"text": text}) == before


@pytest.mark.parametrize("pattern", ["../*", "/etc/*", "", "nowhere/*", "."])
def test_data_that_names_nothing_below_the_folder_is_an_error_that_names_the_field(toy, pattern):
    with pytest.raises(Undeclarable, match=r"challenge\.toml: data\[0\]"):
        declared(toy, {}, [pattern])


def test_links_and_pipes_among_what_is_declared_are_refused(toy):
    import os

    (toy / "elsewhere").symlink_to("/etc")
    os.mkfifo(toy / "pipe")
    declared(toy, {})
    for pattern, found, expected in (
        ("elsewhere", "a link", "files and folders only: a link leads elsewhere on every machine"),
        ("elsewhere/hostname", "a link", "files and folders only: a link leads elsewhere on every machine"),
        ("pipe", "a FIFO, socket or device", "plain files and folders"),
    ):
        with pytest.raises(Undeclarable) as caught:
            declared(toy, {}, [pattern])
        assert (caught.value.found, caught.value.expected) == (found, expected)
        assert caught.value.where == str(toy / pattern)
    (toy / "truth.csv").unlink()
    (toy / "truth.csv").symlink_to("/etc/passwd")
    with pytest.raises(ChallengeError, match="link"):
        read_challenge(toy)


@pytest.mark.parametrize("name", [b"bad\xff.csv", b"two\nlines.csv", "left\u202eright.csv".encode()])
def test_a_name_that_cannot_be_shown_is_refused(toy, name):
    import os

    with open(os.path.join(os.fsencode(toy), name), "w") as file:
        file.write("x")
    declared(toy, {})
    with pytest.raises(Undeclarable, match="cannot be shown") as error:
        declared(toy, {}, ["*.csv"])
    str(error.value).encode()
    assert error.value.where == ascii(os.path.join(str(toy), os.fsdecode(name)))
    assert error.value.expected == "a plain name"


def test_the_same_content_gives_the_same_bytes_wherever_it_lies(toy, tmp_path):
    import shutil

    shutil.copytree(toy, tmp_path / "copy")
    (tmp_path / "copy" / "truth.csv").chmod(0o600)
    tars = []
    for folder in (toy, tmp_path / "copy"):
        into = io.BytesIO()
        write_tar(folder, read_challenge(folder).files, into)
        tars.append(into.getvalue())
    assert tars[0] == tars[1]
    with tarfile.open(fileobj=io.BytesIO(tars[0])) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    assert read_challenge(tmp_path / "unpacked").digest == read_challenge(toy).digest


def _zip(path, names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, "id,target\n1,99\n")


SECRETS = {
    "a private key": lambda path: path.write_bytes(b"x" * (1 << 20) + b"\n-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl"),
    "a token": lambda path: path.write_text('TOKEN = "lbg_' + "aB3-" * 8 + '"\n'),
    "private/truth.csv": lambda path: _zip(path, ["solution.py", "private/truth.csv"]),
    "lines of private/truth.csv": lambda path: path.write_text("key,y\n" + "".join(f"hidden-{i},{i}\n" for i in range(5, 25))),
}  # fmt: skip


@pytest.mark.parametrize("what", SECRETS)
def test_what_is_secret_stays_under_whatever_name(toy, what):
    (toy / "private").mkdir()
    (toy / "private" / "truth.csv").write_text(
        "id,target\n" + "".join(f"hidden-{i},{i}\n" for i in range(30))
    )
    fit_to_be_seen(read_challenge(toy))
    SECRETS[what](toy / "submissions" / "accepted" / "straight-line" / "catatan")
    with pytest.raises(ChallengeError, match=what) as caught:
        fit_to_be_seen(read_challenge(toy))
    assert "straight-line/catatan" in str(caught.value)


def test_neither_check_nor_a_centre_takes_a_key(toy):
    (toy / "submissions" / "mine").write_text("-----BEGIN PRIVATE KEY-----\n")
    with pytest.raises(ChallengeError, match="a private key"):
        prove(read_challenge(toy), trust=True)
    done = CliRunner().invoke(pose, [str(toy), "--organisation", "kota", "--dry-run"])
    assert done.exit_code == 2


def test_what_a_judge_reads_may_be_the_same_on_private_cases(toy):
    (toy / "private").mkdir()
    (toy / "private" / "inputs.csv").write_bytes((toy / "inputs.csv").read_bytes())
    fit_to_be_seen(read_challenge(toy))
