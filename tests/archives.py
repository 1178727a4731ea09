"""Archives as a team or an owner would upload them."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path


def archive_of(files: dict[str, str]) -> io.BytesIO:
    """A tar of *files*, as a team would upload it."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    packed.seek(0)
    packed.name = "upload.tar.gz"
    return packed


def archive_of_folder(folder: Path) -> io.BytesIO:
    """A tar of a folder's text files."""
    return archive_of(
        {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}
    )
