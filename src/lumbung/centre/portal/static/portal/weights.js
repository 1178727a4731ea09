// Sends files of weights in pieces, and goes on where the line was cut. The sentences are in the page, in its language.
"use strict";
(() => {
  const PATIENCE = 8; // how many times in a row the line may be cut before nothing more came
  class Cut extends Error {}
  class Told extends Error { // ends the sending with a sentence of the page
    constructor(sentence, reason = "") { super(reason); this.sentence = sentence; }
  }
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));

  const asked = async (method, address, token, body) => {
    const headers = { "X-CSRFToken": token };
    if (typeof body === "string") headers["Content-Type"] = "application/json";
    let answer, said;
    try {
      answer = await fetch(address, { method, headers, body });
      said = await answer.json();
    } catch {
      throw new Cut();
    }
    if (answer.ok) return said;
    if (answer.status >= 500 || answer.status === 404) throw new Cut(); // forgotten meanwhile: announced anew
    throw new Told("refused", typeof said.detail === "string" ? said.detail : "");
  };

  const digestOf = (address, file, progress) => new Promise((done, failed) => {
    const worker = new Worker(address);
    const end = (how) => { worker.terminate(); how(); };
    worker.onerror = () => end(() => failed(new Told("unreadable")));
    worker.onmessage = ({ data }) => {
      if (data.read) progress(data.read / file.size);
      else if (data.digest) end(() => done(data.digest));
      else end(() => failed(new Told("unreadable")));
    };
    worker.postMessage(file);
  });

  const sendPieces = async (file, token, announced, progress) => {
    let cuts = 0, most = -1;
    for (;;) {
      try {
        const state = await asked("POST", "/api/weights", token, JSON.stringify(announced));
        if (state.kept) return;
        const upload = `/api/weights/uploads/${state.upload}`;
        let here = state.received;
        if (here > most) [cuts, most] = [0, here];
        while (here < file.size) {
          progress(here / file.size);
          const piece = file.slice(here, here + state.piece);
          here = (await asked("PUT", `${upload}?offset=${here}`, token, piece)).received;
          if (here > most) [cuts, most] = [0, here];
          else if ((cuts += 1) > PATIENCE) throw new Told("cut");
        }
        progress(1);
        await asked("POST", `${upload}/finish`, token);
        return;
      } catch (error) {
        if (!(error instanceof Cut)) throw error;
        if ((cuts += 1) > PATIENCE) throw new Told("cut");
        await wait(Math.min(10000, 250 * 2 ** cuts));
      }
    }
  };

  // As the centre wants names: its letters, digits, dots and dashes; the ending stays.
  const plain = (name) => name.replace(/[^A-Za-z0-9._-]+/g, "-").slice(-100).replace(/^[^A-Za-z0-9]+/, "") || "weights";

  const sender = (box) => {
    const { team, worker, name, digest: expected } = box.dataset;
    const chosen = box.querySelector("input[type=file]"), bar = box.querySelector("progress");
    const verdict = box.querySelector("[data-verdict]");
    const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
    const say = (sentence, reason = "") => {
      const words = box.querySelector(`template[data-say=${sentence}]`).content.cloneNode(true);
      const slot = words.querySelector("[data-reason]");
      if (slot) slot.textContent = reason;
      verdict.replaceChildren(words);
    };
    const shows = (share) => { bar.value = share; };

    chosen.addEventListener("change", async () => {
      const [file] = chosen.files;
      if (!file) return;
      chosen.disabled = true;
      bar.hidden = false;
      try {
        say("reading");
        const digest = await digestOf(worker, file, shows);
        if (expected && digest !== expected) throw new Told("other", digest);
        say("sending");
        await sendPieces(file, token, { team, digest, size: file.size, name: name || plain(file.name) }, shows);
        say("kept");
        if (!expected) location.reload();
      } catch (error) {
        say(error.sentence || "unreadable", error.message);
        chosen.value = "";
        chosen.disabled = false;
      }
      bar.hidden = true;
    });
    box.hidden = false;
  };

  document.querySelectorAll("[data-send-weights]").forEach(sender);
})();
