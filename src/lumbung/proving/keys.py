"""Signing keys: Ed25519, made once, kept with mode 600 where only their owner reads them."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


class KeyUnusable(Exception):
    """A key that cannot be made, read or trusted; says what to do."""


def key_id(public: Ed25519PublicKey) -> str:
    """Return the sha256 of the raw public key, in hex: how signatures name their key."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()


def load_or_make_key(folder: Path) -> Ed25519PrivateKey:
    """Return the signing key of *folder*, made at first use.

    The private key is ``signing.key`` (PEM, mode 600); ``signing.pub`` beside it is for everybody.

    Raises
    ------
    KeyUnusable
        The folder cannot be written, the file is readable by others, or it is no Ed25519 key.

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> key = proving.load_or_make_key(Path("key"))
    >>> sorted(path.name for path in Path("key").iterdir())
    ['signing.key', 'signing.pub']
    """
    path = folder / "signing.key"
    try:
        if not path.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write_key(path)
        if path.stat().st_mode & 0o077:
            raise KeyUnusable(
                f"{path}: others may read this key; run 'chmod 600 {path}', or make a new one if they did"
            )
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise KeyUnusable(
            f"{path}: {error.strerror}; the signing key needs a folder you can write: set LUMBUNG_HOME"
        ) from error
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:  # TypeError: it asks for a password
        raise KeyUnusable(
            f"{path}: not a PEM private key ({error}); move it away to have a new one made"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnusable(f"{path}: not an Ed25519 key; move it away to have a new one made")
    return key


def _write_key(path: Path) -> None:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    # O_EXCL: two processes racing here must end with one key, and the loser then reads the winner's.
    draft = path.with_name(f".signing.key.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
        path.with_name("signing.pub").write_bytes(public_pem(key.public_key()))
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def public_pem(key: Ed25519PublicKey) -> bytes:
    """Return the public key as PEM (SubjectPublicKeyInfo)."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read the PEM public key in a file.

    Raises
    ------
    KeyUnusable

    Examples
    --------
    >>> from pathlib import Path
    >>> from lumbung import proving
    >>> key = proving.load_or_make_key(Path("key"))
    >>> proving.read_public_key(Path("key/signing.pub")) == key.public_key()
    True
    """
    try:
        return read_public_pem(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise KeyUnusable(f"{path}: not a readable PEM public key ({error})") from error


def read_public_pem(pem: str) -> Ed25519PublicKey:
    """Read a PEM public key.

    Raises
    ------
    ValueError
        It is no PEM, or not of an Ed25519 key.
    """
    try:
        key = serialization.load_pem_public_key(pem.encode())
    except UnsupportedAlgorithm as error:
        raise ValueError(f"not an Ed25519 public key: {error}") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("not an Ed25519 public key")
    return key


def endorse(before: Ed25519PrivateKey, after: Ed25519PublicKey) -> str:
    """Return a key's signature, base64, under the key that follows it."""
    return base64.b64encode(before.sign(_endorsed(before.public_key(), after))).decode()


def _endorsed(before: Ed25519PublicKey, after: Ed25519PublicKey) -> bytes:
    return f"lumbung-key-succession/v1\n{key_id(before)}\n{key_id(after)}\n".encode()


def is_endorsed(endorsement: str, before: Ed25519PublicKey, after: Ed25519PublicKey) -> bool:
    """Tell whether *before* vouches for *after*."""
    try:
        before.verify(base64.b64decode(endorsement, validate=True), _endorsed(before, after))
    except (InvalidSignature, ValueError):
        return False
    return True


def next_key(folder: Path) -> Ed25519PrivateKey:
    """Return the key that is to follow the one of *folder*; the same one until `take_next_key`.

    Raises
    ------
    KeyUnusable
    """
    return load_or_make_key(folder / "next")


def take_next_key(folder: Path) -> None:
    """Let the next key be the key of *folder*. The public half of the one before stays; its private half is destroyed.

    Raises
    ------
    KeyUnusable
        There is no next key, or the folder cannot be written.
    """
    before, after = folder / "signing.key", folder / "next" / "signing.key"
    try:
        if before.exists():
            public = load_or_make_key(folder).public_key()
            folder.joinpath(f"signing-{key_id(public)[:16]}.pub").write_bytes(public_pem(public))
        after.replace(before)
        folder.joinpath("signing.pub").write_bytes(public_pem(load_or_make_key(folder).public_key()))
        after.with_name("signing.pub").unlink(missing_ok=True)
        after.parent.rmdir()
    except OSError as error:
        raise KeyUnusable(f"{folder}: the next key cannot take its place: {error.strerror}") from error
