"""A challenge made at the centre proves itself before it is posed, as ``lumbung check`` has any challenge prove itself.

In a process of its own, which ends with its time: the one that serves pages imports no judge and plays nothing. Only what
the centre wrote itself is proved here (see ``studio.py``): its submissions are ours, so no stranger's program runs.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import msgspec
from django.utils.translation import gettext as _

from lumbung.centre.members.services import Refused
from lumbung.proving.checker import NOT_IN_THREE
from lumbung.proving.proof import Proof

LONGEST_S = 90.0
_CHECK = ("-c", "from lumbung.cli import main; main()", "check", "--trust", "--workers", "1", "--json")
_one_at_a_time = threading.Semaphore(1)


def prove_folder(folder: Path) -> Proof:
    """Let a challenge of the centre's own making prove itself.

    Returns
    -------
    Proof
        With nothing wrong in it, but texts that are still asked for.

    Raises
    ------
    Refused
        It does not prove itself, or this machine cannot say: with the reason.
    """
    if not _one_at_a_time.acquire(timeout=LONGEST_S / 3):
        raise Refused(_("Another table is being proved just now. Try again in a minute."))
    try:
        done = subprocess.run([sys.executable, *_CHECK, str(folder)], capture_output=True, timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        raise Refused(
            _("The proof took longer than %(seconds)d s. Give fewer rows or columns.")
            % {"seconds": LONGEST_S}
        ) from None
    finally:
        _one_at_a_time.release()
    try:
        proof = msgspec.json.decode(done.stdout, type=Proof)
    except msgspec.DecodeError:
        said = (done.stderr.decode(errors="replace").strip().splitlines() or [""])[-1]
        raise Refused(
            _("The table cannot be proved here: %(reason)s") % {"reason": _here(said, folder)}
        ) from None
    wrong = [_here(finding, folder) for finding in proof.wrong() if not finding.endswith(NOT_IN_THREE)]
    if wrong:
        raise Refused(_("The table does not prove itself: %(reason)s") % {"reason": "; ".join(wrong[:3])})
    return proof


def _here(text: str, folder: Path) -> str:
    return text.replace(f"{folder}/", "")[:400]
