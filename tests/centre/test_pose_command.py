"""``lumbung pose``: what reaches the centre is what the challenge declares, and the node's copy is the author's."""

from __future__ import annotations

import io
import json
import tarfile

import pytest
from click.testing import CliRunner

from lumbung.centre.challenges import blobs
from lumbung.centre.challenges.models import Challenge
from lumbung.cli import main
from lumbung.proving.challenge import read_challenge
from lumbung.proving.scaffold import new_challenge
from small_league import build_league

pytestmark = pytest.mark.one_database


@pytest.fixture
def centre(transactional_db, live_server, tmp_path, settings):
    settings.ALLOWED_HOSTS = ["*"]
    league = build_league(tmp_path)
    folder = tmp_path / "tide"
    new_challenge(folder)
    for name in ("private/truth.csv", ".env", "lumbung-out/evidence.json", "keys/signing.pem"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("kanari-55e1")

    def pose(*words, who="owner", language="en", home="kota-bandung"):
        options = ["--organisation", home, "--centre", live_server.url, "--token", league.api[who].secret]
        environment = {"LUMBUNG_LANGUAGE": language}
        return CliRunner().invoke(main, ["pose", str(folder), *options, *words], env=environment)

    return folder, pose


def held(challenge: Challenge) -> dict[str, bytes]:
    packed = io.BytesIO(b"".join(blobs.read(challenge.blob_id)))
    with tarfile.open(fileobj=packed) as archive:
        return {info.name: archive.extractfile(info).read() for info in archive if info.isfile()}


def test_a_draft_a_second_time_and_open(centre):
    folder, pose = centre
    done = pose("--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.output)
    kept = Challenge.objects.get(slug="tide")
    assert (
        said["state"] == kept.state == "draft"
        and said["digest"] == kept.digest == read_challenge(folder).digest
    )
    assert set(said["sent"]) == set(held(kept))
    assert said["stays"] == [".env", "keys/", "private/"]
    assert b"kanari" not in b"".join(held(kept).values())
    again = pose("--open")
    assert again.exit_code == 0 and "is open at the centre" in again.output, again.output
    assert Challenge.objects.get(slug="tide").state == "open"


def test_nothing_is_sent_by_a_dry_run(centre):
    _folder, pose = centre
    done = pose("--dry-run")
    assert done.exit_code == 0 and "nothing was sent" in done.output and "truth.csv" in done.output
    assert not Challenge.objects.filter(slug="tide").exists()


def test_a_changed_challenge_needs_a_higher_version(centre):
    folder, pose = centre
    assert pose().exit_code == 0
    (folder / "truth.csv").write_text((folder / "truth.csv").read_text().replace("1,1.2", "1,1.3"))
    refused = pose()
    assert refused.exit_code == 2 and "higher version" in refused.output, refused.output


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ({"who": "stranger"}, 2, "403"),
        ({"home": "nowhere"}, 2, "404"),
        ({"who": "visitor"}, 2, "LUMBUNG_TOKEN"),
    ],
)
def test_who_may_not_is_told_so(centre, options, code, said):
    _folder, pose = centre
    refused = pose(**options)
    assert refused.exit_code == code and said in refused.output, refused.output
    assert not Challenge.objects.filter(slug="tide").exists()


def test_a_private_file_among_what_is_declared_is_named_before_anything_is_sent(centre):
    folder, pose = centre
    (folder / "submissions" / "accepted" / "straight-line" / ".env").write_text("kanari-55e1")
    refused = pose()
    assert refused.exit_code == 2 and ".env, which looks private" in refused.output
    assert not Challenge.objects.filter(slug="tide").exists()


@pytest.mark.parametrize(("language", "said"), [("id", "draf"), ("zh", "草稿")])
def test_it_is_said_in_the_persons_language(centre, language, said):
    _folder, pose = centre
    assert said in pose(language=language).output


@pytest.mark.parametrize(
    ("option", "value", "code", "said"),
    [
        ("--centre", "http://127.0.0.1:1", 3, "is the centre up?"),
        ("--centre", "localhost:8000", 2, "no address of a centre"),
        ("--centre", "http://127.0.0.1:no", 2, "no address of a centre"),
        ("--centre", "", 2, "no address of a centre"),
        ("--token", "kunci\u200brahasia", 2, "LUMBUNG_TOKEN"),
        ("--token", "a\nb", 2, "LUMBUNG_TOKEN"),
    ],
)
def test_a_centre_that_is_not_there_and_a_token_that_is_none(centre, option, value, code, said):
    _folder, pose = centre
    gone = pose(option, value)
    assert gone.exit_code == code and said in gone.output, gone.output


def test_what_a_browser_sends_beside_it_goes_no_further(centre, tmp_path):
    """The portal and the API take any archive; what a challenge does not declare is not kept."""
    from archives import archive_of_folder
    from lumbung.centre.challenges.services import pose as take
    from lumbung.centre.members.models import Organisation, User
    from small_league import NOW

    folder, _pose = centre
    owner, home = User.objects.get(email="owner@example.org"), Organisation.objects.get(slug="kota-bandung")
    (folder / "notes.md").write_text("kanari-55e1")
    made = take(owner, home, [archive_of_folder(folder).getvalue()], now=NOW)
    assert "truth.csv" in held(made) and b"kanari" not in b"".join(held(made).values())
