"""What goes out with a release is true: NOTICE names every package that any extra brings, and SECURITY.md its commands."""

from __future__ import annotations

import re
import tomllib

from conftest import ROOT


def brought() -> set[str]:
    """Return the names of all packages that the project and its extras bring, by the lock."""
    versions: dict[str, list[dict]] = {}
    for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]:
        versions.setdefault(package["name"], []).append(package)
    (project,) = versions["lumbung"]
    waiting = [("lumbung", extra) for extra in ("", *project["optional-dependencies"])]
    found: set[tuple[str, str]] = set()
    while waiting:
        name, extra = asked = waiting.pop()
        if asked in found:
            continue
        found.add(asked)
        for package in versions[name]:
            parts = (
                package.get("optional-dependencies", {}).get(extra, [])
                if extra
                else package.get("dependencies", [])
            )
            waiting += [(one["name"], wanted) for one in parts for wanted in ("", *one.get("extra", ()))]
    return {name for name, _extra in found} - {"lumbung"}


def test_notice_names_every_package_with_a_licence() -> None:
    rows = re.findall(r"^([a-z0-9-]+)  +(\S.*)$", (ROOT / "NOTICE").read_text(), re.MULTILINE)
    assert {name for name, _licence in rows} == brought(), "run: make notice"
    assert not [name for name, licence in rows if licence == "see the package"]


def test_what_security_promises_is_there() -> None:
    targets = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z]+)`", (ROOT / "SECURITY.md").read_text()):
        assert f"\n{target}:" in targets
    assert '"NOTICE"' in (ROOT / "pyproject.toml").read_text()
