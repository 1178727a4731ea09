"""Do others' verifiers accept the badges? Issues one of each kind, by a did:key, and shows them to two JavaScript libraries.

    mkdir /tmp/verifiers && cd /tmp/verifiers && npm install @digitalcredentials/verifier-core @digitalbazaar/vc \\
        @digitalbazaar/data-integrity @digitalbazaar/eddsa-rdfc-2022-cryptosuite @digitalcredentials/security-document-loader
    python benchmarks/talent_verifiers.py /tmp/verifiers

Neither is asked to fetch the list of revoked badges. verifier-core also looks for the Open Badges schema on the network;
without one it says so and goes on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

from lumbung.talent.credentials import (
    Ability,
    Holder,
    Issuer,
    SigningKey,
    StandingResult,
    integrity,
    issue_badge,
)

SCRIPT = """
import fs from 'fs';
import { verifyCredential } from '@digitalcredentials/verifier-core';
import * as vc from '@digitalbazaar/vc';
import { DataIntegrityProof } from '@digitalbazaar/data-integrity';
import { cryptosuite } from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import { securityLoader } from '@digitalcredentials/security-document-loader';
console.log = () => {};
const documentLoader = securityLoader({ fetchRemoteContexts: false }).build();
const said = [];
for (const path of process.argv.slice(2)) {
  const credential = JSON.parse(fs.readFileSync(path));
  const core = await verifyCredential({ credential, knownDIDRegistries: [] });
  const signature = core.log?.find((entry) => entry.id === 'valid_signature');
  const other = await vc.verifyCredential({ credential, suite: new DataIntegrityProof({ cryptosuite }), documentLoader });
  said.push([path, signature?.valid === true, other.verified]);
}
process.stdout.write(JSON.stringify(said));
"""


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    modules, key = Path(sys.argv[1]), SigningKey.generate()
    day, digest = date(2026, 11, 20), "a" * 64
    kinds = {
        "ability": Ability(0.2, 0.3, 28, "id", "ai-capability/1", day),
        "level": Ability(1.2, 0.3, 28, "zh", "ai-capability/1", day, level="practitioner", level_probability=0.97),
        "supervised": Ability(
            2.9, 0.25, 40, "en", "ai-capability/1", day, proctored=True, site="Bandung", level="specialist",
            level_probability=0.95,
        ),
        "standing": StandingResult("toy/1", "Toy", 1.0, 0.9, 1.1, "points", 1, 2, 5, 10, (digest,), day),
    }  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        names = []
        for suite in (integrity.BOTH, integrity.RDFC, integrity.JCS):
            for kind, measured in kinds.items():
                badge = issue_badge(
                    measured, issuer=Issuer(key.did, "Centre", "https://centre.example"), key=key,
                    valid_from="2026-11-20T00:00:00Z", valid_until="2029-11-20T00:00:00Z", holder=Holder(name="Sari"),
                    language="id", suite=suite,
                )  # fmt: skip
                path = Path(folder) / f"{suite} {kind}.json"
                path.write_text(json.dumps(badge), "utf-8")
                names.append(str(path))
        script = modules / "lumbung-verifiers.mjs"
        script.write_text(SCRIPT, "utf-8")
        done = subprocess.run(
            ["node", script, *names], capture_output=True, text=True, cwd=modules, timeout=600
        )
        script.unlink()
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    print(f"{'badge':28} verifier-core  @digitalbazaar/vc")
    for name, core, other in json.loads(done.stdout):
        print(f"{Path(name).stem:28} {'valid' if core else 'refused':13}  {'valid' if other else 'refused'}")


if __name__ == "__main__":
    main()
