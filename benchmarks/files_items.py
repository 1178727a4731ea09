"""How many items a second go through the judge of files: read, checked, asked in the sandbox, scored.

python benchmarks/files_items.py              # 20,000 short texts in 10 cases, one worker
python benchmarks/files_items.py --items 100000 --pictures
"""

from __future__ import annotations

import argparse
import json
import struct
import tempfile
import time
import zlib
from pathlib import Path

from lumbung.proving.challenge import read_challenge
from lumbung.proving.executors import Serial
from lumbung.proving.run import plan_run, play_runs, run_fault
from lumbung.proving.submission import read_submission

CHALLENGE = """\
schema = 1
id = "items"
version = 1
sector = "files"
judge = "files.answers"
judge_version = 1
home = "ID"
licence = "generated"
title = { en = "Items", id = "Butir", zh = "条目" }
summary = { en = "Generated.", id = "Bangkitan.", zh = "生成。" }
ranking = { metric = "exact_match", better = "higher" }

[options]
items = "items.jsonl"
media = "MEDIA"
answer = "text"
language = "id"
metrics = ["exact_match", "f1_tokens"]
fields = { question = "text"PICTURE }
"""
ECHO = "def solve(problem):\n    return [item['question'].split()[-1] for item in problem['items']]\n"


def picture(width: int = 64) -> bytes:
    """Return a small grey PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, width, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(range(width + 1)) * width, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--items", type=int, default=20_000)
    arguments.add_argument("--pictures", action="store_true", help="each item with a picture of 4 kB")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder, team = Path(scratch) / "challenge", Path(scratch) / "team"
        (folder / "media").mkdir(parents=True)
        team.mkdir()
        text = CHALLENGE.replace("MEDIA", "media" if asked.pictures else "")
        text = text.replace("PICTURE", ', picture = "picture"' if asked.pictures else "")
        (folder / "challenge.toml").write_text(text)
        (team / "solution.py").write_text(ECHO)
        with (folder / "items.jsonl").open("w") as file:
            for number in range(asked.items):
                item = {
                    "id": number,
                    "question": f"Sebutkan kata terakhir dari kalimat nomor {number} ini: padi{number}",
                    "target": f"padi{number}",
                }
                if asked.pictures:
                    name = f"{number % 1000}.png"
                    (folder / "media" / name).write_bytes(picture())
                    item["picture"] = name
                file.write(json.dumps(item) + "\n")
        began = time.perf_counter()
        plan = plan_run(read_challenge(folder), read_submission(team))
        listed = time.perf_counter()
        (outcomes,) = play_runs([plan], Serial())
        ended = time.perf_counter()
        assert run_fault(outcomes) is None, run_fault(outcomes)
        mean = sum(outcome.score.metrics["exact_match"] for outcome in outcomes.values()) / len(outcomes)
    print(f"{asked.items} items in {len(plan.cases)} cases, exact match {mean:g}")
    print(f"checked and listed  {listed - began:6.2f} s  {asked.items / (listed - began):8,.0f} items/s")
    print(f"played and scored   {ended - listed:6.2f} s  {asked.items / (ended - listed):8,.0f} items/s")
    print(f"together            {ended - began:6.2f} s  {asked.items / (ended - began):8,.0f} items/s")


if __name__ == "__main__":
    main()
