"""Files on their way in: refused before they are read where they are too large, and never left lying about."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lumbung.desk.place import desk_folder

SPARE = 64 * 2**20  # bytes that stay free for the work itself


class RefuseTooLarge:
    """Middleware: answers before the body is read where it is over the limit or over what the disk has room for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer one request."""
        said = request.META.get("CONTENT_LENGTH") or "0"
        size = int(said) if said.isdecimal() else 0
        if size > settings.UPLOAD_LIMIT:
            context = {"size": size, "limit": settings.UPLOAD_LIMIT}
            return render(request, "desk/too_large.html", context, status=413)
        if size > settings.DATA_UPLOAD_MAX_MEMORY_SIZE and size + SPARE > _room():
            return render(request, "desk/no_room.html", {"size": size, "room": _room()}, status=507)
        return self._get_response(request)


def _room() -> int:
    desk_folder().mkdir(parents=True, exist_ok=True)
    return shutil.disk_usage(desk_folder()).free


def kept(upload: Any, name: str) -> tuple[str, Path]:
    """Return a name for an uploaded file below a job's ``input/``, and where it lies now.

    Parameters
    ----------
    upload : django.core.files.uploadedfile.TemporaryUploadedFile
        Its name is the person's: of it only letters, digits and a few marks are kept.
    name : str
        What the file is, e.g. ``sites``; the person's name for it, where empty.
    """
    plain = "".join(c if c.isalnum() or c in "-_. " else "-" for c in Path(upload.name).name).lstrip(". -")
    suffix = Path(plain).suffix.lower()
    return (f"{name}{suffix}" if name else plain or "file"), Path(upload.temporary_file_path())
