"""What verifying a model's passport found, as sentences in three languages."""

from __future__ import annotations

from lumbung.proving.text import Text

SAID: dict[str, Text] = {
    "unreadable": Text(
        "not a readable passport: {detail}", "paspor tidak terbaca: {detail}", "无法读取的模型护照：{detail}"
    ),
    "by": Text("signed by {issuer}", "ditandatangani oleh {issuer}", "由 {issuer} 签名"),
    "one_proof": Text(
        "expected one signature (eddsa-jcs-2022), found {count}, or of another kind",
        "seharusnya ada satu tanda tangan (eddsa-jcs-2022); ditemukan {count}, atau jenisnya lain",
        "应有一个签名（eddsa-jcs-2022），实有 {count} 个，或类型不符",
    ),
    "other_issuer": Text(
        "signed by {method}, but issued by {issuer}",
        "ditandatangani oleh {method}, tetapi diterbitkan oleh {issuer}",
        "签名者为 {method}，而签发者为 {issuer}",
    ),
    "other_purpose": Text(
        "the signature was made for another purpose or vocabulary",
        "tanda tangan dibuat untuk tujuan atau kosakata lain",
        "签名用于其他目的或词汇表",
    ),
    "altered": Text(
        "the signature does not fit the content: it was altered after signing",
        "tanda tangan tidak cocok dengan isinya: isi diubah setelah ditandatangani",
        "签名与内容不符：签名后内容被改动",
    ),
    "no_signature": Text(
        "the signature cannot be checked: {detail}",
        "tanda tangan tidak dapat diperiksa: {detail}",
        "无法检查签名：{detail}",
    ),
    "all_carried": Text(
        "every piece of evidence that it names is inside: {count}",
        "seluruh {count} bukti yang disebut ada di dalamnya",
        "所列 {count} 份评测凭证全部在内",
    ),
    "swapped": Text(
        "evidence {evidence}: another envelope lies under this digest; ask the issuer for the original",
        "bukti {evidence}: di bawah digest ini ada amplop lain; mintalah aslinya kepada penerbit",
        "评测凭证 {evidence}：此摘要下是另一份信封；请向签发者索取原件",
    ),
    "left_out": Text(
        "evidence {evidence} is named but was taken out",
        "bukti {evidence} disebut, tetapi dikeluarkan",
        "评测凭证 {evidence} 已列出，但被移除",
    ),
    "not_named": Text(
        "evidence {evidence} is inside but named nowhere",
        "bukti {evidence} ada di dalam, tetapi tidak disebut",
        "评测凭证 {evidence} 在内，但未列出",
    ),
    "same": Text(
        "{challenge} version {version} asks what the passport says: compared with its folder here",
        "{challenge} versi {version} menanyakan yang disebut paspor: dibandingkan dengan foldernya di sini",
        "{challenge} 第 {version} 版的问题与护照所述一致：已与本机文件夹比对",
    ),
    "other_title": Text(
        "{challenge} version {version} asks what the passport says; in its folder here its title is “{title}”",
        "{challenge} versi {version} menanyakan yang disebut paspor; judulnya di folder di sini “{title}”",
        "{challenge} 第 {version} 版的问题与护照所述一致；本机文件夹中的标题为“{title}”",
    ),
    "asks_else": Text(
        "{challenge} version {version} asks something else than the passport says",
        "{challenge} versi {version} menanyakan hal lain daripada yang disebut paspor",
        "{challenge} 第 {version} 版的问题与护照所述不同",
    ),
    "not_at_hand": Text(
        "what {challenge} version {version} asks (metric, which way is better) is the issuer's word: "
        "its folder is not at hand; name it with --challenge",
        "apa yang ditanyakan {challenge} versi {version} (metrik dan arahnya) hanya menurut penerbit: "
        "foldernya tidak ada di sini; sebutkan dengan --challenge",
        "{challenge} 第 {version} 版的问题（指标及优劣方向）仅为签发者所述：本机没有其文件夹；可用 --challenge 指明",
    ),
    "signed": Text(
        "every piece of evidence is signed by a node that is trusted here: {count}",
        "seluruh {count} bukti ditandatangani simpul yang dipercaya di sini",
        "全部 {count} 份评测凭证均由此处信任的节点签名",
    ),
    "malformed": Text(
        "evidence {evidence} cannot be read: {detail}",
        "bukti {evidence} tidak terbaca: {detail}",
        "评测凭证 {evidence} 无法读取：{detail}",
    ),
    "unknown_key": Text(
        "evidence {evidence} is signed by none of the {count} keys trusted here; name the node's with --key",
        "bukti {evidence} tidak ditandatangani satu pun dari {count} kunci yang dipercaya di sini; "
        "sebutkan kunci simpulnya dengan --key",
        "评测凭证 {evidence} 并非由此处信任的 {count} 个密钥签名；请用 --key 指明节点公钥",
    ),
    "bad_signature": Text(
        "evidence {evidence} was altered after its node signed it",
        "bukti {evidence} diubah setelah ditandatangani simpulnya",
        "评测凭证 {evidence} 在节点签名后被改动",
    ),
    "no_passport": Text(
        "the evidence inside makes no passport: {detail}",
        "bukti di dalamnya tidak membentuk paspor: {detail}",
        "其中的评测凭证不能构成护照：{detail}",
    ),
    "no_list": Text(
        "the list of keys does not hold: {detail}",
        "daftar kunci tidak berlaku: {detail}",
        "密钥列表无效：{detail}",
    ),
    "keys_good": Text(
        "every node's key was good when it signed; list of keys as of {made}",
        "kunci setiap simpul berlaku saat menandatangani; daftar kunci per {made}",
        "各节点密钥在签名时均有效；密钥列表截至 {made}",
    ),
    "key_unlisted": Text(
        "evidence {evidence}: key {key}… is not in the list of keys",
        "bukti {evidence}: kunci {key}… tidak ada dalam daftar kunci",
        "评测凭证 {evidence}：密钥 {key}… 不在密钥列表中",
    ),
    "key_revoked": Text(
        "evidence {evidence}: key {key}… is revoked",
        "bukti {evidence}: kunci {key}… telah dicabut",
        "评测凭证 {evidence}：密钥 {key}… 已吊销",
    ),
    "key_undated": Text(
        "evidence {evidence}: key {key}… is revoked, and nothing here shows that it signed before",
        "bukti {evidence}: kunci {key}… telah dicabut, dan di sini tidak terbukti bahwa tanda tangannya lebih dulu",
        "评测凭证 {evidence}：密钥 {key}… 已吊销，此处无法证明签名在吊销之前",
    ),
    "key_too_early": Text(
        "evidence {evidence}: signed before key {key}… began",
        "bukti {evidence}: ditandatangani sebelum kunci {key}… mulai berlaku",
        "评测凭证 {evidence}：签名早于密钥 {key}… 启用",
    ),
    "key_too_late": Text(
        "evidence {evidence}: signed after key {key}… had ended",
        "bukti {evidence}: ditandatangani setelah kunci {key}… berakhir",
        "评测凭证 {evidence}：签名晚于密钥 {key}… 失效",
    ),
    "same_figures": Text(
        "every figure was computed anew from the evidence, the same; judgings: {count}",
        "semua angka dari {count} penilaian dihitung ulang dari bukti, hasilnya sama",
        "{count} 次评测的全部数据已由评测凭证重新计算，结果一致",
    ),
    "other_figure": Text(
        "{where} is not what the evidence gives",
        "{where} tidak sesuai dengan bukti",
        "{where} 与评测凭证不符",
    ),
}
