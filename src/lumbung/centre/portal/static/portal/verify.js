// Verifies a DSSE envelope (Ed25519) in the reader's browser. The sentences are in the page, in its language.
"use strict";
(() => {
  const box = document.getElementById("verify");
  if (!box) return;
  const verdict = box.querySelector("[data-verdict]");
  const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");

  const say = (name, signer) => {
    const sentence = box.querySelector(`template[data-say=${name}]`).content.cloneNode(true);
    const slot = sentence.querySelector("[data-signer]");
    if (slot) slot.textContent = signer;
    verdict.replaceChildren(sentence);
  };

  // DSSE's pre-authentication encoding: what is signed, so that type and length are signed too.
  const signedBytes = (type, payload) => {
    const head = new TextEncoder().encode(`DSSEv1 ${new TextEncoder().encode(type).length} ${type} ${payload.length} `);
    const whole = new Uint8Array(head.length + payload.length);
    whole.set(head);
    whole.set(payload, head.length);
    return whole;
  };

  const centreChecks = async () => {
    say("unable");
    const answer = await fetch(box.dataset.check, { headers: { "HX-Request": "true" } });
    const part = new DOMParser().parseFromString(await answer.text(), "text/html");
    verdict.append(...part.body.childNodes);
  };

  const verify = async () => {
    const [evidence, pem] = await Promise.all([fetch(box.dataset.envelope), fetch(box.dataset.key)]);
    if (!evidence.ok || !pem.ok) throw new Error("fetch");
    const envelope = JSON.parse(await evidence.text());
    const spki = bytes((await pem.text()).replace(/-----[^-]+-----|\s/g, ""));
    let key;
    try {
      key = await crypto.subtle.importKey("spki", spki, { name: "Ed25519" }, true, ["verify"]);
    } catch {
      return centreChecks();
    }
    const id = hex(await crypto.subtle.digest("SHA-256", await crypto.subtle.exportKey("raw", key)));
    const signature = envelope.signatures.find((entry) => entry.keyid === id);
    const content = signedBytes(envelope.payloadType, bytes(envelope.payload));
    const holds = signature && (await crypto.subtle.verify("Ed25519", key, bytes(signature.sig), content));
    return say(holds ? "holds" : "broken", id.slice(0, 16) + "…");
  };

  box.querySelector("[data-verify]").addEventListener("click", async (event) => {
    event.target.disabled = true;
    try {
      await (globalThis.crypto && crypto.subtle ? verify() : centreChecks());
    } catch {
      say("offline");
    }
    event.target.disabled = false;
  });
})();
