"""What pages do with jobs: find them, start them with what was uploaded."""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from lumbung.desk.jobs.folder import Job, Jobs, Order
from lumbung.desk.place import desk_folder
from lumbung.desk.uploads import kept

TITLE = 120
"""Characters of a title."""
_NUMBER = re.compile(r"[0-9]{1,7}")


def jobs() -> Jobs:
    """Return all jobs of this desk."""
    return Jobs(desk_folder())


def find_job(name: str) -> Job:
    """Return a job; a page that is not there where there is none."""
    job = jobs().find(name)
    if job is None:
        raise Http404
    return job


def start_job(order: Order, inputs: dict[str, Path]) -> Job:
    """Make a job; whoever supervises the desk sees it at once.

    Raises
    ------
    lumbung.proving.faults.PlatformFault
        ``disk_full``, ``unwritable``.
    """
    return jobs().make(order, inputs)


def title_of(request: HttpRequest, otherwise: str) -> str:
    """Return what a person calls the work: one line of at most `TITLE` characters; *otherwise* where they say nothing."""
    said = " ".join(request.POST.get("title", "").split()) or " ".join(otherwise.split())
    return "".join(character for character in said if character.isprintable())[:TITLE]


def busy(request: HttpRequest, job: Job) -> HttpResponse:
    """Say that a job is being done, so that nothing in it can be changed at this moment."""
    return render(request, "desk/busy.html", {"name": job.id}, status=409)


def numbers_in(post: QueryDict, prefix: str) -> dict[tuple[int, ...], str]:
    """Return the values of the fields of a form that are named by numbers, as ``cell-3-1``, by those numbers."""
    found: dict[tuple[int, ...], str] = {}
    for field, value in post.items():
        parts = field.removeprefix(prefix).split("-")
        if field.startswith(prefix) and all(_NUMBER.fullmatch(part) for part in parts):
            found[tuple(map(int, parts))] = str(value)
    return found


def files_of(*given: tuple[str, Any]) -> dict[str, Path]:
    """Return uploaded files by the name that they get below ``input/``.

    Parameters
    ----------
    given : (str, UploadedFile)
        What the file is; where that ends with a slash, a folder in which it keeps its own name.
    """
    found: dict[str, Path] = {}
    for what, upload in given:
        folder, slash, name = what.rpartition("/")
        own, path = kept(upload, name)
        found[f"{folder}{slash}{own}"] = path
    return found


def text_as_upload(name: str, text: str) -> dict[str, Path]:
    """Return a text as if it had been uploaded."""
    path = empty_upload()
    path.write_text(text, encoding="utf-8")
    return {name: path}


def empty_upload() -> Path:
    """Return where a file may lie that goes into a job as if it had been uploaded."""
    folder = desk_folder() / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{secrets.token_hex(8)}.part"
