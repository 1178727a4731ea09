"""Signing up and signing in: what django-allauth leaves to the one who runs it.

A newcomer is written to in the language they signed up in. An OpenID Connect provider is believed when its signed
token says so: allauth trusts the line the token came over, and this checks the signature, the nonce of this very
sign-in, and that both of the provider's answers speak of the same person.
"""

from __future__ import annotations

import secrets
from typing import Any

import jwt
from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import translation

from lumbung.centre.members.models import User

# Signatures with a public key alone: a token signed with a shared secret, or with none, proves nothing.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]

_WANTED = "wanted_before_signing_up"


class Newcomers(DefaultAccountAdapter):
    """Makes a newcomer's account."""

    def new_user(self, request: HttpRequest) -> User:
        return User(language=translation.get_language() or "en")

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Make the account, and remember where its owner was going: confirming the address must not lose it."""
        wanted = request.POST.get("next") or request.GET.get("next") or ""
        if wanted and self.is_safe_url(wanted):
            request.session[_WANTED] = wanted
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Lead on to where the newcomer was going, in the browser they signed up with."""
        wanted = self.request.session.pop(_WANTED, None) if self.request else None
        return str(wanted or super().get_email_verification_redirect_url(email_address))


class Guests(DefaultSocialAccountAdapter):
    """Lets in whom a provider vouches for."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse a token that was not made for this sign-in, or not for the person the provider then describes.

        Raises
        ------
        OAuth2Error
            Shown as a failed sign-in.
        """
        told = sociallogin.account.extra_data
        if "id_token" not in told:
            raise OAuth2Error("the provider sent no id_token")
        token = told["id_token"]
        if token["nonce"] != sociallogin.state.get("nonce"):
            raise OAuth2Error("the id_token carries another nonce")
        if "userinfo" in told and told["userinfo"].get("sub") != token["sub"]:
            raise OAuth2Error("userinfo and id_token name different people")

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        person: User = super().populate_user(request, sociallogin, data)
        person.name = (data.get("name") or "")[:80]
        return person


class Provider(OpenIDConnectProvider):
    """A provider named in LUMBUNG_OIDC. Every sign-in carries a nonce and a proof key (RFC 7636)."""

    package = "allauth.socialaccount.providers.openid_connect"
    pkce_enabled_default = True

    def redirect(self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None,
                 **more: Any) -> HttpResponse:  # fmt: skip
        nonce = secrets.token_urlsafe(24)
        asked = {**(more.pop("auth_params", None) or self.get_auth_params()), "nonce": nonce}
        answer: HttpResponse = super().redirect(
            request, process, next_url, data, auth_params=asked, nonce=nonce, **more
        )
        return answer


class _Answer(OpenIDConnectOAuth2Adapter):
    """Reads a provider's answer, and believes its signature only."""

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        try:
            named = jwt.get_unverified_header(id_token).get("kid")
            keys = [k for k in jwt.PyJWKSet.from_dict(answer.json()).keys if named in (None, k.key_id)]
            if len(keys) != 1:
                raise OAuth2Error(f"the provider has {len(keys)} keys by the name {named!r}, not one")
            claims: dict[str, Any] = jwt.decode(
                id_token, keys[0], ALGORITHMS, audience=app.client_id, issuer=self.openid_config["issuer"],
                leeway=60, options={"require": ["exp", "iat", "sub", "nonce"]},
            )  # fmt: skip
        except jwt.PyJWTError as error:
            raise OAuth2Error(f"the id_token cannot be believed: {error}") from error
        return claims


def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """The provider sends a person back with a code; allauth's own view would not look at the signature."""
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(_Answer(request, provider_id))(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return answer
