"""The documentation site under Help: there where it was built, with headers of its own; dead links in it are found."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings
from whitenoise.middleware import WhiteNoiseMiddleware

from lumbung.centre.portal import documentation

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "docs/roles").mkdir(parents=True)
    (tmp_path / "docs/index.html").write_text("<a href='roles/id.html#tim'>Tim</a>")
    (tmp_path / "docs/roles/id.html").write_text("<h2 id='tim'>Tim</h2>")
    return tmp_path


@pytest.mark.django_db
def test_help_leads_to_the_pages_of_ones_language(client: Client, settings: Settings, site: Path) -> None:
    assert b"/docs/" not in client.get("/help/").content
    settings.WHITENOISE_ROOT = documentation.folder(str(site))
    assert b"/docs/roles/id.html" in client.get("/help/", headers={"accept-language": "id"}).content


def test_pages_are_kept_for_minutes_and_talk_to_nobody(settings: Settings, site: Path) -> None:
    settings.WHITENOISE_ROOT = str(site)
    served = WhiteNoiseMiddleware(lambda request: HttpResponse(status=404))
    answer = served(RequestFactory().get("/docs/"))
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "public, max-age=600"
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert served(RequestFactory().get("/docs/none.html")).status_code == 404


def test_a_folder_without_the_site_is_refused(tmp_path: Path) -> None:
    assert documentation.folder("") is None
    with pytest.raises(ImproperlyConfigured, match="make docs"):
        documentation.folder(str(tmp_path))


def test_dead_links_and_other_hosts_are_found(site: Path) -> None:
    spec = importlib.util.spec_from_file_location("site_check", ROOT / ".ci/site.py")
    assert spec is not None and spec.loader is not None
    check = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(check)
    assert check.faults(site) == []
    (site / "docs/index.html").write_text(
        "<a href='gone.html'></a><a href='roles/id.html#team'></a><img src='https://elsewhere.example/x.png'>"
        "<a href='https://elsewhere.example/'></a>"
    )
    assert check.faults(site) == [
        "docs/index.html: gone.html leads nowhere",
        "docs/index.html loads https://elsewhere.example/x.png from another host",
        "docs/index.html: roles/id.html#team has no such place",
    ]
