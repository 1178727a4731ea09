"""A node with a challenge whose results wait for their owner's word."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lumbung.node.folder import Accepted, NodeFolder, Settings
from lumbung.node.gate import Gate, Parcel
from lumbung.node.ledger import Asker
from lumbung.node.line import Line
from lumbung.proving.challenge import Egress, Ranking
from lumbung.proving.evidence import sign
from lumbung.proving.job import Delivery
from making_evidence import evidence_of

KEY = Ed25519PrivateKey.generate()
EGRESS = Egress("aggregate", 5, 4)
DIGEST = "sha256:" + "0" * 64


def parcel(run: str, delay: float) -> Parcel:
    """Return a judged run's parcel, with a mean delay a little above *delay*."""
    envelope = sign(evidence_of({"all": [delay + k for k in range(6)]}, egress=EGRESS), KEY).decode()
    return Parcel(
        run, "toy", True, EGRESS, Delivery("lease-000", envelope), ranking=Ranking("delay", "lower"),
        asker=Asker("team-a", "person-a", ("org-a",)), rows=120,
    )  # fmt: skip


def accepting(folder: NodeFolder) -> NodeFolder:
    """Make a folder a node that has accepted two challenges, and has the results of one wait."""
    folder.path.mkdir(exist_ok=True)
    rules = {"toy": Accepted(DIGEST, release="hold"), "other": Accepted(DIGEST, "pictures", 1, 4)}
    folder.write_settings(Settings("jawa-barat", "ID", "https://centre.example", 1, rules))
    return folder


def gate_of(node: NodeFolder) -> Gate:
    """Return what keeps the node's results."""
    return Gate(node, Line("https://centre.example"), lambda said: None)
