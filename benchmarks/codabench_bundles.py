"""Which Codabench bundles become challenges that prove themselves, and what had to be changed.

    python benchmarks/codabench_bundles.py BUNDLE[=SAMPLE] …

BUNDLE is a zip or a folder with competition.yaml; SAMPLE a submission known to score, where the bundle names none. Each is
imported, checked as ``lumbung check`` does (its sample is judged twice), and its later tasks are judged as private items.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from lumbung.proving.challenge import ChallengeError, read_challenge
from lumbung.proving.executors import Serial
from lumbung.proving.faults import RunFault
from lumbung.proving.files.codabench import read_bundle
from lumbung.proving.proof import prove
from lumbung.proving.run import plan_run, play_runs, run_fault
from lumbung.proving.scaffold import new_challenge_from
from lumbung.proving.submission import read_submission


def tried(named: str, scratch: Path) -> tuple[bool, str, list[str]]:
    """Return whether a bundle came to run, what its sample scored or what stood in the way, and the edits."""
    bundle, _, sample = named.partition("=")
    try:
        imported = read_bundle(Path(bundle), Path(sample) if sample else None)
        new_challenge_from(scratch, imported.files)
        challenge = read_challenge(scratch)
        proof = prove(challenge, Serial())
        if proof.wrong():
            return False, proof.wrong()[0], imported.edits
        said = next(verdict.detail for verdict in proof.verdicts if verdict.name == "accepted/sample")
        if (scratch / "private").is_dir():
            team = read_submission(scratch / "submissions/accepted/sample")
            plan = plan_run(challenge, team, phase="final", private_folder=scratch / "private")
            (outcomes,) = play_runs([plan], Serial())
            fault = run_fault(outcomes)
            said += f"; {len(plan.cases)} private: " + ("ok" if fault is None else fault.reason())
        return True, said, imported.edits
    except (ChallengeError, RunFault) as error:
        return False, str(error), []


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("bundles", nargs="+", metavar="BUNDLE[=SAMPLE]")
    bundles = arguments.parse_args().bundles
    ran = 0
    for number, named in enumerate(bundles):
        with tempfile.TemporaryDirectory() as scratch:
            good, said, edits = tried(named, Path(scratch) / f"bundle-{number}")
        ran += good
        path = Path(named.partition("=")[0])
        print(f"{'ok  ' if good else 'no  '}  {path.parent.name}/{path.name:<40}  {said[:300]}")
        for edit in edits:
            print(f"        changed: {edit}")
    print(f"{ran} of {len(bundles)}")


if __name__ == "__main__":
    main()
