"""A stand-in for a university's sign-in: an OpenID Connect provider on this machine that can also lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlparse

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

CLIENT, SECRET = "lumbung", "between us"


@dataclass
class OidcProvider:
    """Says who somebody is, by the authorisation code flow of OpenID Connect Core 1.0 with RS256.

    Attributes
    ----------
    person : dict
        The claims about whoever signs in next.
    lie : dict
        Claims of the next id_token that differ from the truth.
    signer : RSAPrivateKey
        Signs id_tokens; honest while it is the published `key`.
    asked : list of dict
        The authorisation requests so far.
    """

    person: dict[str, Any] = field(default_factory=dict)
    lie: dict[str, Any] = field(default_factory=dict)
    key: RSAPrivateKey = field(default_factory=lambda: generate_private_key(65537, 2048))
    asked: list[dict[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signer: Any = self.key
        self.algorithm = "RS256"
        handler = type("Handler", (_Handler,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.page = self.url  # where people sign in; some providers do that on another host
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def setting(self) -> list[dict[str, Any]]:
        """What an operator writes into LUMBUNG_OIDC."""
        return [
            {
                "provider_id": "campus",
                "name": "Universitas Contoh",
                "client_id": CLIENT,
                "secret": SECRET,
                "settings": {
                    "server_url": self.url,
                    **({"sign_in_urls": [self.page]} if self.page != self.url else {}),
                },
            }
        ]

    def discovery(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.page}/authorise",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [{**public, "kid": "one", "use": "sig", "alg": "RS256"}]}

    def authorise(self, asked: dict[str, str]) -> str:
        """Sign the person in at once and send them back with a code: the number of the request."""
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        assert "openid" in asked["scope"].split()
        self.asked.append(asked)
        return f"{asked['redirect_uri']}?{urlencode({'code': len(self.asked) - 1, 'state': asked['state']})}"

    def token(self, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.asked[int(sent["code"])]
        proof = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        honest = (
            sent["client_secret"] == SECRET
            and sent["redirect_uri"] == asked["redirect_uri"]
            and base64.urlsafe_b64encode(proof).rstrip(b"=").decode() == asked.get("code_challenge")
        )
        if not honest:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"],
            **self.person, **self.lie,
        }  # fmt: skip
        id_token = jwt.encode(claims, self.signer, algorithm=self.algorithm, headers={"kid": "one"})
        return 200, {"access_token": "a", "token_type": "Bearer", "expires_in": 300, "id_token": id_token}


class _Handler(BaseHTTPRequestHandler):
    provider: OidcProvider

    def do_GET(self) -> None:
        parts = urlparse(self.path)
        if parts.path == "/authorise":
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorise(asked))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return None
        pages = {
            "/.well-known/openid-configuration": self.provider.discovery,
            "/keys": self.provider.keys,
            "/userinfo": lambda: self.provider.person,
        }
        if parts.path == "/userinfo" and self.headers["Authorization"] != "Bearer a":
            return self._say(401, {})
        return self._say(200, pages[parts.path]()) if parts.path in pages else self._say(404, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        self._say(*self.provider.token(sent))

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: Any) -> None:
        """Say nothing."""
