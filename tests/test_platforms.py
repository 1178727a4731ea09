"""What needs no sandbox works where there is no POSIX: played here by taking away what Windows has not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from lumbung.proving.challenge import Ranking
from lumbung.proving.evidence import sign
from lumbung.proving.keys import load_or_make_key
from lumbung.proving.standing import compute_standing
from lumbung.sandbox import digest_folder
from making_evidence import evidence_of

HERE = Path(__file__).parent


def without_posix(*arguments: str | Path, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, HERE / "without_posix.py", *arguments],
        env=os.environ | {"LUMBUNG_HOME": str(home)}, capture_output=True, text=True, cwd=home,
    )  # fmt: skip


def test_every_engine_tool_and_record_is_imported(tmp_path: Path) -> None:
    done = without_posix("import everything", home=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}


def test_evidence_is_verified(tmp_path: Path) -> None:
    key = load_or_make_key(tmp_path / "keys")
    (tmp_path / "evidence.json").write_bytes(sign(evidence_of({"road": [3.0, 4.0]}), key))
    done = without_posix("verify", "evidence.json", "--json", home=tmp_path)
    checks = {row["check"]: row["ok"] for row in json.loads(done.stdout)["checks"]}
    assert checks["signature"], done.stdout + done.stderr


def test_digests_and_standings_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "folder/inner").mkdir(parents=True)
    (tmp_path / "folder/inner/solution.py").write_bytes(b"answer = 42\r\n")
    program = tmp_path / "both.py"
    program.write_text(
        f"import sys; sys.path[:0] = [{str(HERE)!r}]\n"
        "import without_posix; without_posix.take_away()\n"
        "from pathlib import Path\n"
        "from making_evidence import evidence_of\n"
        "from lumbung.proving.challenge import Ranking\n"
        "from lumbung.proving.standing import compute_standing\n"
        "from lumbung.sandbox import digest_folder\n"
        "pieces = {name: [evidence_of({'road': [x, x + 1]})] for name, x in (('a', 3.0), ('b', 9.0))}\n"
        "print(digest_folder(Path('folder')), compute_standing(pieces, Ranking('delay', 'lower'), seed=1))\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, cwd=tmp_path)
    pieces = {name: [evidence_of({"road": [x, x + 1]})] for name, x in (("a", 3.0), ("b", 9.0))}
    here = compute_standing(pieces, Ranking("delay", "lower"), seed=1)
    assert done.stdout.strip() == f"{digest_folder(tmp_path / 'folder')} {here}", done.stderr


def test_a_box_is_refused_with_words(tmp_path: Path) -> None:
    program = tmp_path / "box.py"
    program.write_text(
        f"import sys; sys.path[:0] = [{str(HERE)!r}]\n"
        "import without_posix; without_posix.take_away(); sys.platform = 'win32'\n"
        "from pathlib import Path\n"
        "from lumbung.sandbox import SandboxUnavailable, open_box\n"
        "Path('solution.py').write_text('')\n"
        "for trust in (False, True):\n"
        "    try: open_box(Path('.'), trust=trust)\n"
        "    except SandboxUnavailable as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, cwd=tmp_path)
    assert "the sandbox needs Linux" in done.stdout and "WSL 2" in done.stdout, done.stderr
