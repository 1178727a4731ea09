"""Reading a directory of organisations, needs, offers and proofs from one YAML or JSON file.

One bad entry spoils only itself: it is left out and reported with its place, what was found and what was expected.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from lumbung.cooperation.matching.listings import Need, Offer, Organisation, Proof
from lumbung.proving.text import Text

Entry = TypeVar("Entry", bound=msgspec.Struct)
EXAMPLE = Path(__file__).with_name("example.yaml")


class DirectoryError(ValueError):
    """A directory file that cannot be read at all.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import cooperation
    >>> try:
    ...     cooperation.read_directory(Path("partners.yaml"))
    ... except cooperation.DirectoryError as error:
    ...     print(error)
    ...
    partners.yaml: cannot be read (No such file or directory); give a directory file
    """


class Directory(msgspec.Struct, frozen=True):
    """What a file held.

    Attributes
    ----------
    organisations
        By id.
    needs, offers, proofs
        In the order of the file.
    label
        Says so when the data are generated; shown with every result.
    complaints
        One sentence for each entry that was left out.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> from lumbung.cooperation.matching.reading import EXAMPLE
    >>> directory = cooperation.read_directory(EXAMPLE)
    >>> directory
    <Directory: 12 organisations, 6 needs, 8 offers, 0 entries left out, generated (example directory of invented organisations)>
    >>> directory.needs[0].words.language
    'id'
    """

    organisations: dict[str, Organisation]
    needs: tuple[Need, ...]
    offers: tuple[Offer, ...]
    proofs: tuple[Proof, ...]
    label: Text | None
    complaints: tuple[str, ...]

    def __repr__(self) -> str:
        made = "" if self.label is None else f", {self.label.en}"
        return (
            f"<Directory: {len(self.organisations)} organisations, {len(self.needs)} needs, {len(self.offers)} offers, "
            f"{len(self.complaints)} entries left out{made}>"
        )


def read_directory(path: Path) -> Directory:
    """Read a directory file; see ``example.yaml`` beside this module for the form.

    Raises
    ------
    DirectoryError
        When the file is missing, is not YAML or JSON, or holds nothing to match.

    Examples
    --------
    >>> from lumbung import cooperation
    >>> from lumbung.cooperation.matching.reading import EXAMPLE
    >>> cooperation.read_directory(EXAMPLE)
    <Directory: 12 organisations, 6 needs, 8 offers, 0 entries left out, generated (example directory of invented organisations)>
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as reason:
        raise DirectoryError(f"{path}: cannot be read ({reason.strerror}); give a directory file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as reason:
        raise DirectoryError(f"{path}: is not YAML or JSON: {reason}") from None
    if not isinstance(data, Mapping):
        raise DirectoryError(
            f"{path}: must hold organisations, needs and offers; found {type(data).__name__}"
        )
    complaints: list[str] = []
    organisations = {each.id: each for each in _entries(data, "organisations", Organisation, complaints)}
    needs = [
        each for each in _entries(data, "needs", Need, complaints) if _known(each, organisations, complaints)
    ]
    offers = [
        each
        for each in _entries(data, "offers", Offer, complaints)
        if _known(each, organisations, complaints)
    ]
    proofs = _entries(data, "proofs", Proof, complaints)
    if not needs or not offers:
        said = "\n  ".join(complaints) or "the lists are empty"
        raise DirectoryError(
            f"{path}: has {len(needs)} usable needs and {len(offers)} usable offers:\n  {said}"
        )
    label = msgspec.convert(data["label"], Text) if "label" in data else None
    return Directory(organisations, tuple(needs), tuple(offers), tuple(proofs), label, tuple(complaints))


def _entries(data: Mapping[str, Any], name: str, kind: type[Entry], complaints: list[str]) -> list[Entry]:
    entries = []
    seen: set[object] = set()
    for number, raw in enumerate(data.get(name) or (), 1):
        try:
            entry = msgspec.convert(raw, kind)
        except msgspec.ValidationError as reason:
            complaints.append(f"{name}, entry {number}: {reason}; this entry is left out")
            continue
        key = getattr(entry, "id", None)
        if key is not None and key in seen:
            complaints.append(
                f"{name}, entry {number}: the id {key!r} is used twice; the later one is left out"
            )
            continue
        seen.add(key)
        entries.append(entry)
    return entries


def _known(each: Need | Offer, organisations: Mapping[str, Organisation], complaints: list[str]) -> bool:
    if each.organisation in organisations:
        return True
    complaints.append(
        f"{each.id}: the organisation {each.organisation!r} is not listed; this entry is left out"
    )
    return False
