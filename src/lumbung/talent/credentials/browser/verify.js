"use strict";
// Verifies a badge in the browser. Order of the checks and codes of the verdicts are those of verify.py.

const PAGE = {
  en: { title: "Verify a badge", intro: "Paste a badge, or open its file (.json, .svg, .pdf or a VC-JWT). Keys (did.json) and lists of revoked badges can be opened along with it.", label: "The badge", check: "Verify", file: "or open files:", private: "Everything happens in this page: it has no permission to connect to anything, and nothing you open leaves this device.", good: "Genuine", bad: "Not accepted", holder: "Holder", issuer: "Issuer", from: "Valid from", until: "Valid until", engine: "Signature checked by", web: "the browser (WebCrypto)", own: "this page's own Ed25519", written: "As the badge itself puts it", empty: "This PDF carries no badge.", alone: "This page reads eddsa-jcs-2022 proofs and VC-JWT; for other proofs use: lumbung talent verify" },
  id: { title: "Verifikasi lencana", intro: "Tempelkan isi lencana atau buka berkasnya (.json, .svg, .pdf, atau VC-JWT). Kunci penerbit (did.json) dan daftar pencabutan dapat dibuka bersamaan.", label: "Lencana", check: "Verifikasi", file: "atau buka berkas:", private: "Semua berlangsung di halaman ini: halaman ini tidak punya izin terhubung ke mana pun, dan tidak ada yang Anda buka keluar dari perangkat ini.", good: "Asli", bad: "Tidak diterima", holder: "Pemegang", issuer: "Penerbit", from: "Berlaku sejak", until: "Berlaku sampai", engine: "Tanda tangan diperiksa oleh", web: "peramban (WebCrypto)", own: "Ed25519 bawaan halaman ini", written: "Bunyi lencana itu sendiri", empty: "PDF ini tidak memuat lencana.", alone: "Halaman ini membaca bukti eddsa-jcs-2022 dan VC-JWT; untuk jenis lain gunakan: lumbung talent verify" },
  zh: { title: "验证徽章", intro: "粘贴徽章内容，或打开徽章文件（.json、.svg、.pdf 或 VC-JWT）。颁发机构的公钥（did.json）和撤销名单可一并打开。", label: "徽章", check: "验证", file: "或打开文件：", private: "一切都在本页面内完成：页面无权连接任何地址，您打开的内容不会离开本设备。", good: "真实有效", bad: "不予认可", holder: "持有者", issuer: "颁发机构", from: "生效时间", until: "失效时间", engine: "签名核验方式", web: "浏览器（WebCrypto）", own: "本页面自带的 Ed25519", written: "徽章原文", empty: "此 PDF 中没有徽章。", alone: "本页面支持 eddsa-jcs-2022 证明和 VC-JWT；其他类型请使用：lumbung talent verify" },
};

// --- spelling: base58btc, base64url, RFC 8785 ----------------------------------------------------------------------

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

function base58(text) {
  let number = 0n;
  for (const letter of text) {
    const value = BASE58.indexOf(letter);
    if (value < 0) throw new Error(`${letter}: base58btc`);
    number = number * 58n + BigInt(value);
  }
  const bytes = [];
  for (; number > 0n; number >>= 8n) bytes.unshift(Number(number & 255n));
  for (const letter of text) { if (letter !== "1") break; bytes.unshift(0); }
  return Uint8Array.from(bytes);
}

function multibase(text) {
  if (typeof text !== "string" || text[0] !== "z") throw new Error("multibase");
  return base58(text.slice(1));
}

function base64url(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new Error("base64url");
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

const utf8 = (text) => new TextEncoder().encode(text);
const words = (bytes) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

// RFC 8785: members by the UTF-16 code units of their names (what sort() does), literals as JSON.stringify spells them.
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value !== null && typeof value === "object") {
    return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
  }
  if (typeof value === "string" && !value.isWellFormed?.() && value.isWellFormed) throw new Error("Unicode");
  return JSON.stringify(value);
}

// --- SHA-2 and Ed25519 for browsers (or pages over plain http) without WebCrypto -------------------------------------

const PRIMES = (() => {
  const found = [];
  for (let n = 2; found.length < 80; n++) if (found.every((p) => n % p)) found.push(n);
  return found;
})();

function root(n, power, bits) {
  // First `bits` bits of the fraction of the power-th root of n, by bisection on integers.
  const shift = BigInt(bits);
  const target = BigInt(n) << (shift * power);
  let low = 0n, high = BigInt(n) << shift;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= target) low = middle; else high = middle;
  }
  return low & ((1n << shift) - 1n);
}

function sha2(message, bits) {
  // FIPS 180-4 with BigInt words: 32 bits for SHA-256, 64 bits for SHA-512.
  const word = BigInt(bits === 256 ? 32 : 64), bytes = Number(word) / 8, block = 16 * bytes;
  const rounds = bits === 256 ? 64 : 80, mask = (1n << word) - 1n;
  const [a1, a2, a3, b1, b2, b3, c1, c2, c3, d1, d2, d3] = bits === 256
    ? [2n, 13n, 22n, 6n, 11n, 25n, 7n, 18n, 3n, 17n, 19n, 10n]
    : [28n, 34n, 39n, 14n, 18n, 41n, 1n, 8n, 7n, 19n, 61n, 6n];
  const turn = (x, n) => ((x >> n) | (x << (word - n))) & mask;
  const constants = PRIMES.slice(0, rounds).map((p) => root(p, 3n, Number(word)));
  const state = PRIMES.slice(0, 8).map((p) => root(p, 2n, Number(word)));
  const length = message.length, padded = new Uint8Array(Math.ceil((length + 1 + 2 * bytes) / block) * block);
  padded.set(message);
  padded[length] = 0x80;
  let count = BigInt(length) * 8n;
  for (let i = padded.length - 1; count > 0n; i--, count >>= 8n) padded[i] = Number(count & 255n);
  for (let start = 0; start < padded.length; start += block) {
    const w = [];
    for (let i = 0; i < 16; i++) {
      let value = 0n;
      for (let j = 0; j < bytes; j++) value = (value << 8n) | BigInt(padded[start + i * bytes + j]);
      w.push(value);
    }
    for (let i = 16; i < rounds; i++) {
      const x = w[i - 15], y = w[i - 2];
      w.push((w[i - 16] + (turn(x, c1) ^ turn(x, c2) ^ (x >> c3)) + w[i - 7] + (turn(y, d1) ^ turn(y, d2) ^ (y >> d3))) & mask);
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < rounds; i++) {
      const t1 = h + (turn(e, b1) ^ turn(e, b2) ^ turn(e, b3)) + ((e & f) ^ (~e & mask & g)) + constants[i] + w[i];
      const t2 = (turn(a, a1) ^ turn(a, a2) ^ turn(a, a3)) + ((a & b) ^ (a & c) ^ (b & c));
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) & mask, c, b, a, (t1 + t2) & mask];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] = (state[i] + value) & mask; });
  }
  const out = new Uint8Array(8 * bytes);
  state.forEach((value, i) => { for (let j = bytes - 1; j >= 0; j--, value >>= 8n) out[i * bytes + j] = Number(value & 255n); });
  return out;
}

// RFC 8032, section 5.1, with extended coordinates (section 5.1.4). Verification handles no secrets, so plain BigInt will do.
const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (x, m = P) => { const r = x % m; return r < 0n ? r + m : r; };

function power(base, exponent) {
  let result = 1n;
  for (base = mod(base); exponent > 0n; exponent >>= 1n, base = mod(base * base)) if (exponent & 1n) result = mod(result * base);
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const SQRT_M1 = power(2n, (P - 1n) / 4n);
const number = (bytes) => bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

function point(bytes) {
  const all = number(bytes), sign = all >> 255n, y = all & ((1n << 255n) - 1n);
  if (y >= P) return null;
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
  let x = mod(u * v ** 3n * power(u * v ** 7n, (P - 5n) / 8n));
  if (mod(v * x * x - u) !== 0n) x = mod(x * SQRT_M1);
  if (mod(v * x * x - u) !== 0n || (x === 0n && sign === 1n)) return null;
  if ((x & 1n) !== sign) x = P - x;
  return [x, y, 1n, mod(x * y)];
}

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2)), c = mod(2n * t1 * t2 * D), d = mod(2n * z1 * z2);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(scalar, base) {
  let result = [0n, 1n, 1n, 0n];
  for (; scalar > 0n; scalar >>= 1n, base = add(base, base)) if (scalar & 1n) result = add(result, base);
  return result;
}

const BASE = point(Uint8Array.from({ length: 32 }, (_, i) => (i ? 0x66 : 0x58)));

function ed25519(key, signature, message) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = point(key), r = point(signature.slice(0, 32)), s = number(signature.slice(32));
  if (!a || !r || s >= ORDER) return false;
  const joined = new Uint8Array(64 + message.length);
  joined.set(signature.slice(0, 32));
  joined.set(key, 32);
  joined.set(message, 64);
  const k = mod(number(sha2(joined, 512)), ORDER);
  const left = times(s, BASE), right = add(r, times(k, a));
  return mod(left[0] * right[2] - right[0] * left[2]) === 0n && mod(left[1] * right[2] - right[1] * left[2]) === 0n;
}

let engine = "own";
const opened = {}; // DID documents the reader opened, in no way vouched for by this page

async function signatureHolds(key, signature, message) {
  if (!CONFIG.ownOnly && globalThis.crypto?.subtle) {
    try {
      const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
      engine = "web";
      return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
    } catch (fault) {
      if (fault.name !== "NotSupportedError" && fault.name !== "DataError") throw fault;
    }
  }
  engine = "own";
  return ed25519(key, signature, message);
}

async function sha256(bytes) {
  if (!CONFIG.ownOnly && globalThis.crypto?.subtle) return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return sha2(bytes, 256);
}

// --- verification ---------------------------------------------------------------------------------------------------

class Refused extends Error {
  constructor(code, params = {}) { super(code); this.code = code; this.params = params; }
}

const listed = (value) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const issuerOf = (credential) => (typeof credential.issuer === "object" && credential.issuer ? credential.issuer.id : credential.issuer);
const didOf = (method) => (typeof method === "string" ? method.split("#")[0] : "");
const shown = (credential) => (credential.issuer?.name ? `${credential.issuer.name} (${issuerOf(credential)})` : String(issuerOf(credential)));

function read(text) {
  const trimmed = text.trim();
  try {
    if (trimmed.startsWith("{")) {
      const credential = JSON.parse(trimmed);
      return { credential, token: null };
    }
    const parts = trimmed.split(".");
    if (parts.length !== 3) throw new Error("JSON / VC-JWT");
    const [header, payload] = parts.slice(0, 2).map((part) => JSON.parse(words(base64url(part))));
    if (!["EdDSA", "Ed25519"].includes(header.alg) || "crit" in header) throw new Error(`alg ${header.alg}`);
    const credential = Object.fromEntries(Object.entries(payload).filter(([name]) => !["iss", "jti", "nbf", "sub", "exp"].includes(name)));
    if ("iss" in payload && payload.iss !== issuerOf(credential)) throw new Error("iss");
    if ("exp" in payload && credential.validUntil && payload.exp !== Math.floor(Date.parse(credential.validUntil) / 1000)) throw new Error("exp");
    return { credential, token: { header, message: utf8(`${parts[0]}.${parts[1]}`), signature: base64url(parts[2]) } };
  } catch (fault) {
    throw new Refused("unreadable", { detail: fault.message });
  }
}

function checkForm(credential, kinds) {
  const wrong = (detail) => { throw new Refused("malformed", { detail }); };
  if (listed(credential["@context"])[0] !== "https://www.w3.org/ns/credentials/v2") wrong("@context");
  if (!listed(credential.type).includes("VerifiableCredential") || !kinds.some((kind) => listed(credential.type).includes(kind))) wrong(`type: ${kinds.join(" / ")}`);
  if (typeof issuerOf(credential) !== "string") wrong("issuer");
  if (!listed(credential.credentialSubject).every((subject) => subject && typeof subject === "object") || !("credentialSubject" in credential)) wrong("credentialSubject");
  for (const member of ["validFrom", "validUntil"]) if (member in credential && Number.isNaN(moment(credential[member]))) wrong(member);
}

function moment(text) {
  return typeof text === "string" && /T.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : NaN;
}

function publicKey(credential, method) {
  const did = didOf(method);
  if (did !== issuerOf(credential)) throw new Refused("foreign_key", { issuer: shown(credential) });
  let multikey;
  if (did.startsWith("did:key:")) {
    multikey = method.split("#")[1];
    if (multikey !== did.slice(8)) throw new Refused("foreign_key", { issuer: shown(credential) });
  } else {
    const document = CONFIG.documents[did] ?? opened[did];
    if (!document) throw new Refused("issuer_unresolved", { detail: did });
    const entry = listed(document.verificationMethod).find((item) => item.id === method);
    if (!entry) throw new Refused("issuer_unresolved", { detail: method });
    const named = listed(document.assertionMethod).map((item) => item?.id ?? item);
    if (!named.includes(method)) throw new Refused("foreign_key", { issuer: shown(credential) });
    multikey = entry.publicKeyMultibase;
  }
  try {
    const bytes = multibase(multikey);
    if (bytes.length !== 34 || bytes[0] !== 0xed || bytes[1] !== 1) throw new Error("Ed25519");
    return bytes.slice(2);
  } catch (fault) {
    throw new Refused("issuer_unresolved", { detail: fault.message });
  }
}

async function checkSignature(credential, token, now) {
  if (token) {
    const key = publicKey(credential, token.header.kid);
    if (!(await signatureHolds(key, token.signature, token.message))) throw new Refused("tampered");
    return;
  }
  const proofs = listed(credential.proof);
  if (!proofs.length) throw new Refused("unsigned");
  const own = proofs.filter((proof) => didOf(proof?.verificationMethod) === issuerOf(credential));
  // A set may hold proofs for other readers. One of the issuer's must be of the kind this page reads, and all such must hold.
  const readable = own.filter(isReadable);
  for (const proof of readable.length ? readable : own.length ? own : proofs.slice(0, 1)) await checkProof(credential, proof, now);
}

function isReadable(proof) {
  return proof?.type === "DataIntegrityProof" && proof.cryptosuite === "eddsa-jcs-2022" && proof.proofPurpose === "assertionMethod" && !proof.previousProof;
}

async function checkProof(credential, proof, now) {
  if (!isReadable(proof)) {
    throw new Refused("unsupported_proof", { detail: `${proof?.cryptosuite ?? proof?.type}. ${PAGE[language].alone}` });
  }
  const key = publicKey(credential, proof.verificationMethod);
  const { proofValue, ...options } = proof;
  const { proof: _, ...unsecured } = credential;
  if ("@context" in proof) {
    const signed = listed(proof["@context"]), visible = listed(credential["@context"]);
    if (canonical(visible.slice(0, signed.length)) !== canonical(signed)) throw new Refused("tampered");
    unsecured["@context"] = proof["@context"];
  }
  let signature, message;
  try {
    signature = multibase(proofValue);
    message = new Uint8Array(64);
    message.set(await sha256(utf8(canonical(options))));
    message.set(await sha256(utf8(canonical(unsecured))), 32);
  } catch (fault) {
    throw new Refused("malformed", { detail: fault.message });
  }
  if (!(await signatureHolds(key, signature, message))) throw new Refused("tampered");
  if ("expires" in proof && !(moment(proof.expires) >= now)) throw new Refused("expired", { moment: proof.expires });
}

async function unpack(bytes, format) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function checkStatus(credential, lists, now) {
  const notes = [];
  for (const entry of listed(credential.credentialStatus).filter((item) => item.type === "BitstringStatusListEntry")) {
    const address = entry.statusListCredential;
    const found = lists.find((item) => item.credential.id === address);
    if (!found) { notes.push(["status_unchecked", { address }]); continue; }
    const list = found.credential, subject = list.credentialSubject;
    let bit;
    try {
      checkForm(list, ["BitstringStatusListCredential"]);
      if (issuerOf(list) !== issuerOf(credential)) throw new Error("issuer");
      await checkSignature(list, found.token, now);
      if (!listed(subject.statusPurpose).includes(entry.statusPurpose) || !/^\d+$/.test(String(entry.statusListIndex))) throw new Error("statusPurpose");
      if (subject.encodedList[0] !== "u") throw new Error("encodedList");
      const bits = await unpack(base64url(subject.encodedList.slice(1)), "gzip"), place = Number(entry.statusListIndex);
      if (bits.length < 16384 || place >= bits.length * 8) throw new Error("statusListIndex");
      bit = (bits[place >> 3] >> (7 - (place & 7))) & 1;
    } catch (fault) {
      throw new Refused("status_unusable", { detail: fault.code ?? fault.message });
    }
    if (bit && entry.statusPurpose === "revocation") throw new Refused("revoked");
    if (bit && entry.statusPurpose === "suspension") throw new Refused("suspended");
    if ("validUntil" in list && moment(list.validUntil) < now) notes.push(["status_stale", { moment: list.validFrom }]);
  }
  return notes;
}

async function verify(text, lists, now = Date.now()) {
  let credential = null;
  try {
    const given = read(text);
    credential = given.credential;
    checkForm(credential, ["OpenBadgeCredential", "AchievementCredential"]);
    await checkSignature(credential, given.token, now);
    const notes = [], did = issuerOf(credential);
    if (did in opened && !(did in CONFIG.documents)) notes.push(["key_given", { did }]);
    if (!CONFIG.trusted.length) notes.push(["trust_unchecked", { did }]);
    else if (!CONFIG.trusted.includes(did)) throw new Refused("issuer_untrusted", { issuer: shown(credential) });
    if (moment(credential.validFrom) > now) throw new Refused("not_yet_valid", { moment: credential.validFrom });
    if (moment(credential.validUntil) < now) throw new Refused("expired", { moment: credential.validUntil });
    notes.push(...(await checkStatus(credential, lists, now)));
    return { ok: true, code: "valid", params: { issuer: shown(credential) }, notes, credential };
  } catch (refusal) {
    if (!(refusal instanceof Refused)) return { ok: false, code: "unreadable", params: { detail: refusal.message }, notes: [], credential: null };
    return { ok: false, code: refusal.code, params: refusal.params, notes: [], credential };
  }
}

// --- what the reader sees ---------------------------------------------------------------------------------------------

const $ = (id) => document.getElementById(id);
const asked = (navigator.language || "").slice(0, 2);
let language = asked in PAGE ? asked : CONFIG.language;
let last = null;

const fill = (text, params) => text.replace(/\{(\w+)\}/g, (_, name) => params[name] ?? "?");

function element(kind, text, look) {
  const made = document.createElement(kind);
  if (text !== undefined) made.textContent = text;
  if (look) made.className = look;
  return made;
}

function draw() {
  const says = PAGE[language];
  document.documentElement.lang = language === "zh" ? "zh-Hans" : language;
  document.title = $("title").textContent = says.title;
  for (const [id, text] of [["intro", says.intro], ["label", says.label], ["check", says.check], ["filelabel", says.file], ["private", says.private]]) $(id).textContent = text;
  $("languages").replaceChildren(...[["en", "English"], ["id", "Indonesia"], ["zh", "中文"]].map(([code, name]) => {
    const button = element("button", name);
    button.type = "button";
    button.lang = code;
    button.setAttribute("aria-pressed", String(code === language));
    button.onclick = () => { language = code; draw(); };
    return button;
  }));
  if (last) $("verdict").replaceChildren(card(last));
}

function card(verdict) {
  const says = PAGE[language], made = element("div", undefined, `card ${verdict.ok ? "good" : "bad"}`);
  made.append(element("h2", `${verdict.ok ? "✓" : "✗"} ${verdict.ok ? says.good : says.bad}`));
  made.append(element("p", fill(CONFIG.reasons[verdict.code][language], verdict.params)));
  for (const [code, params] of verdict.notes) made.append(element("p", `! ${fill(CONFIG.notes[code][language], params)}`, "note"));
  if (!verdict.ok) return made;
  const badge = verdict.credential, subject = listed(badge.credentialSubject)[0];
  made.append(element("h2", badge.name ?? subject.achievement?.name ?? ""));
  const own = subject.achievement?.inLanguage, numbers = {};
  for (const result of listed(subject.result)) {
    const number = /^-?\d+(\.\d+)?$/.test(result.value) && language === "id" ? result.value.replace(".", ",") : result.value;
    numbers[String(result.resultDescription).split("#").pop()] = number;
  }
  const words = CONFIG.words[language], brief = "ability" in numbers ? words.ability_brief : "rank_low" in numbers ? words.standing_brief : "";
  if (brief && own !== language) made.append(element("p", fill(brief, numbers)));
  if (typeof subject.narrative === "string") {
    if (brief && own !== language) made.append(element("p", says.written, "note"));
    const text = element("p", subject.narrative);
    if (own) text.lang = own === "zh" ? "zh-Hans" : own;
    made.append(text);
  }
  const facts = element("dl");
  const fact = (name, value) => { if (value) facts.append(element("dt", name), element("dd", value)); };
  const descriptions = Object.fromEntries(listed(subject.achievement?.resultDescription).map((item) => [item.id, item.name]));
  for (const result of listed(subject.result)) {
    const row = String(result.resultDescription).split("#").pop();
    fact(words.rows[row] ?? descriptions[result.resultDescription] ?? "", numbers[row] ?? result.value);
  }
  fact(says.holder, listed(subject.identifier).filter((item) => item.identityType === "name").map((item) => item.identityHash).join(", "));
  fact(says.issuer, shown(badge));
  fact(says.from, badge.validFrom);
  fact(says.until, badge.validUntil);
  fact(says.engine, says[verdict.engine]);
  made.append(facts);
  return made;
}

async function judge(texts) {
  const badges = [], lists = CONFIG.lists.map((credential) => ({ credential, token: null }));
  for (const text of texts) {
    const inside = unbaked(text);
    let parsed = null;
    try { parsed = read(inside); } catch { badges.push(inside); continue; }
    if (listed(parsed.credential.verificationMethod).length && String(parsed.credential.id).startsWith("did:")) opened[parsed.credential.id] = parsed.credential;
    else if (listed(parsed.credential.type).includes("BitstringStatusListCredential")) lists.push(parsed);
    else badges.push(inside);
  }
  if (!badges.length) return null;
  last = await verify(badges[0], lists);
  last.engine = engine;
  draw();
  return last;
}

function unbaked(text) {
  const found = /<openbadges:credential[^>]*>\s*<!\[CDATA\[([\s\S]*?)\]\]>/.exec(text);
  return found ? found[1] : text;
}

// The badge inside a PDF is an attached file: a stream of type EmbeddedFile, deflated or plain (ISO 32000-1, 7.11.4).
async function textOf(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  if (String.fromCharCode(...bytes.slice(0, 5)) !== "%PDF-") return words(bytes);
  const plain = Array.from({ length: Math.ceil(bytes.length / 8192) }, (_, k) => String.fromCharCode(...bytes.slice(8192 * k, 8192 * (k + 1)))).join("");
  for (const found of plain.matchAll(/\/EmbeddedFile[\s\S]{0,400}?stream\r?\n/g)) {
    const start = found.index + found[0].length, end = plain.indexOf("endstream", start);
    const head = plain.slice(plain.lastIndexOf(" obj", found.index), start), body = bytes.slice(start, end);
    try {
      const length = /\/Length (\d+)(?! \d+ R)/.exec(head);
      const inside = length ? body.slice(0, Number(length[1])) : body;
      return words(head.includes("/FlateDecode") ? await unpack(inside, "deflate") : inside);
    } catch { continue; }
  }
  return PAGE[language].empty;
}

async function fromAddress() {
  const packed = /#b=([A-Za-z0-9_-]+)$/.exec(location.hash);
  if (!packed) return;
  $("text").value = words(await unpack(base64url(packed[1]), "deflate-raw"));
  await judge([$("text").value]);
}

const run = async () => {
  const text = $("text").value, packed = /#b=([A-Za-z0-9_-]+)\s*$/.exec(text);
  await judge([packed ? words(await unpack(base64url(packed[1]), "deflate-raw")) : text]);
};
$("check").onclick = run;
$("file").onchange = async (event) => judge(await Promise.all([...event.target.files].map(textOf)));
draw();
// Shown once it is whole: a page that fills itself under the reader's eyes moves what they look at.
fromAddress().finally(() => { $("page").hidden = false; });
