"""What a verification says to a person: a code for machines, a sentence in three languages for everyone else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

REASONS: dict[str, dict[str, str]] = {
    "valid": {
        "en": "The badge is genuine: {issuer} issued it and nothing in it was changed.",
        "id": "Lencana ini asli: diterbitkan oleh {issuer} dan isinya tidak diubah.",
        "zh": "徽章真实有效：由 {issuer} 颁发，内容未被改动。",
    },
    "unreadable": {
        "en": "This is no badge that can be read: {detail}.",
        "id": "Ini bukan lencana yang dapat dibaca: {detail}.",
        "zh": "无法读取，这不是可识别的徽章：{detail}。",
    },
    "malformed": {
        "en": "The badge breaks the rules of verifiable credentials: {detail}.",
        "id": "Lencana ini menyalahi aturan kredensial terverifikasi: {detail}.",
        "zh": "徽章不符合可验证凭证规范：{detail}。",
    },
    "unsigned": {
        "en": "The badge carries no signature, so nobody vouches for it.",
        "id": "Lencana ini tidak bertanda tangan, jadi tidak ada yang menjaminnya.",
        "zh": "徽章没有签名，无人为其担保。",
    },
    "unsupported_proof": {
        "en": "The badge is signed in a way this verifier does not know: {detail}.",
        "id": "Lencana ini ditandatangani dengan cara yang tidak dikenal pemverifikasi ini: {detail}.",
        "zh": "徽章的签名方式本程序不支持：{detail}。",
    },
    "tampered": {
        "en": "The signature does not fit the content: the badge was changed after it was issued.",
        "id": "Tanda tangan tidak cocok dengan isinya: lencana ini diubah setelah diterbitkan.",
        "zh": "签名与内容不符：徽章在颁发之后被改动过。",
    },
    "foreign_key": {
        "en": "The badge names {issuer} as its issuer but was signed with a key that is not theirs.",
        "id": "Lencana ini menyebut {issuer} sebagai penerbit, tetapi ditandatangani dengan kunci yang bukan miliknya.",
        "zh": "徽章声称由 {issuer} 颁发，但签名所用的密钥并不属于该机构。",
    },
    "issuer_unresolved": {
        "en": "The issuer's key is not at hand, so the signature cannot be checked: {detail}.",
        "id": "Kunci penerbit tidak tersedia sehingga tanda tangan tidak dapat diperiksa: {detail}.",
        "zh": "缺少颁发机构的公钥，无法核验签名：{detail}。",
    },
    "issuer_untrusted": {
        "en": "The signature is sound, but {issuer} is not on your list of trusted issuers.",
        "id": "Tanda tangannya sah, tetapi {issuer} tidak ada dalam daftar penerbit yang Anda percayai.",
        "zh": "签名无误，但 {issuer} 不在您信任的颁发机构名单中。",
    },
    "not_yet_valid": {
        "en": "The badge becomes valid on {moment}.",
        "id": "Lencana ini baru berlaku mulai {moment}.",
        "zh": "徽章自 {moment} 起才生效。",
    },
    "expired": {
        "en": "The badge expired on {moment}.",
        "id": "Masa berlaku lencana ini berakhir pada {moment}.",
        "zh": "徽章已于 {moment} 过期。",
    },
    "revoked": {
        "en": "The issuer has revoked this badge.",
        "id": "Penerbit telah mencabut lencana ini.",
        "zh": "颁发机构已撤销该徽章。",
    },
    "suspended": {
        "en": "The issuer has suspended this badge for the time being.",
        "id": "Penerbit menangguhkan lencana ini untuk sementara.",
        "zh": "颁发机构已暂停该徽章的效力。",
    },
    "status_unusable": {
        "en": "The list of revoked badges that was given cannot be used: {detail}.",
        "id": "Daftar pencabutan yang diberikan tidak dapat dipakai: {detail}.",
        "zh": "所提供的撤销名单无法使用：{detail}。",
    },
    "status_missing": {
        "en": "Whether the badge was revoked is unknown, and you asked to be sure: {address} is not at hand.",
        "id": "Tidak diketahui apakah lencana ini dicabut, padahal Anda minta kepastian: {address} tidak tersedia.",
        "zh": "您要求确认撤销状态，但手头没有名单 {address}，无法确认。",
    },
}

NOTES: dict[str, dict[str, str]] = {
    "status_unchecked": {
        "en": "Whether it was revoked since was not checked: the list {address} is not at hand.",
        "id": "Pencabutan sesudahnya tidak diperiksa: daftar {address} tidak tersedia.",
        "zh": "未核查此后是否被撤销：手头没有名单 {address}。",
    },
    "status_stale": {
        "en": "The list of revoked badges is from {moment} and should be renewed.",
        "id": "Daftar pencabutan berasal dari {moment} dan sebaiknya diperbarui.",
        "zh": "撤销名单的日期为 {moment}，应当更新。",
    },
    "key_given": {
        "en": "The key of {did} came from a file you opened, not from this page: be sure where you got it.",
        "id": "Kunci {did} berasal dari berkas yang Anda buka, bukan dari halaman ini: pastikan asal-usulnya.",
        "zh": "{did} 的公钥来自您打开的文件，并非本页面自带，请确认其来源可靠。",
    },
    "trust_unchecked": {
        "en": "You gave no list of trusted issuers: decide yourself whether you trust {did}.",
        "id": "Anda tidak memberikan daftar penerbit tepercaya: putuskan sendiri apakah Anda memercayai {did}.",
        "zh": "您没有提供受信任的颁发机构名单，请自行判断是否信任 {did}。",
    },
}


@dataclass(frozen=True)
class Verdict:
    """The answer to "is this badge genuine?".

    Attributes
    ----------
    ok : bool
        Whether to accept the badge.
    code : str
        A key of :data:`REASONS`; ``valid`` exactly when ``ok``.
    params : mapping
        What the sentence names.
    notes : tuple of (code, params)
        What was *not* checked, or is old; keys of :data:`NOTES`.
    credential : mapping, optional
        The credential, when it could be read. Believe it only when ``ok``.
    """

    ok: bool
    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[tuple[str, Mapping[str, str]], ...] = ()
    credential: Mapping[str, Any] | None = None

    @property
    def reasons(self) -> dict[str, str]:
        """The sentence in every language, by language code."""
        return {language: text.format_map(self.params) for language, text in REASONS[self.code].items()}

    def remarks(self, language: str) -> list[str]:
        """The notes as sentences."""
        return [NOTES[code][language].format_map(params) for code, params in self.notes]
