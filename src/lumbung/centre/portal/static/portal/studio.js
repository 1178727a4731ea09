// A host's table is read, split and packed in the host's own browser: private rows are never sent. Sentences are in the page.
"use strict";
(() => {
  const form = document.getElementById("studio");
  if (!form) return;
  const part = (name) => document.querySelector(`[data-part=${name}]`);
  const slot = (name) => form.querySelector(`[data-choose=${name}]`);
  const csrf = form.querySelector("[name=csrfmiddlewaretoken]").value;
  let table = null; // {names, rows}: rows with a target alone are used
  let packed = null;
  let saved = true;
  const sent = new Set(); // rows that were on the line: public for good, also where the centre refused what they came with

  const say = (where, name, slots = {}, kind = "info", more = false) => {
    const sentence = document.querySelector(`template[data-say=${name}]`).content.cloneNode(true);
    for (const [key, value] of Object.entries(slots)) {
      for (const place of sentence.querySelectorAll(`[data-slot=${key}]`)) place.textContent = value;
    }
    const box = document.createElement("p");
    box.className = `message ${kind}`;
    if (kind === "error") box.setAttribute("role", "alert");
    box.append(sentence);
    return part(where).replaceChildren(...(more ? part(where).childNodes : []), box);
  };
  const quiet = (where) => part(where).replaceChildren();

  const { NUMBER, Unreadable } = globalThis.lumbungTables;
  const read = async (file) => {
    try {
      table = await globalThis.lumbungTables.read(await file.arrayBuffer());
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      return say("reading", error.message, error.slots, "error");
    }
    const slots = { rows: table.rows.length, columns: table.names.length, sheet: table.sheet };
    say("reading", table.sheet ? "read-sheet" : "read", slots, "success");
    for (const one of table.either) say("reading", "either", one, "warning", true);
    return offer();
  };

  // --- Choosing.
  const values = (name) => table.rows.map((row) => row[table.names.indexOf(name)]);
  const distinct = (name) => new Set(values(name));
  const kindsOf = (name) => {
    const known = [...distinct(name)].filter((value) => value !== "");
    const numbers = known.every((value) => NUMBER.test(value));
    const kinds = [];
    if (numbers && known.length > 2) kinds.push("number");
    if (known.length >= 2 && known.length <= 200) kinds.push("label");
    if (numbers && known.length === 2 && known.every((value) => ["0", "1"].includes(value))) {
      kinds.push("probability", "score");
    }
    return kinds;
  };
  const option = (value, text) => new Option(text, value);
  const offer = () => {
    const unique = table.names.filter((name) => distinct(name).size === table.rows.length && !values(name).includes(""));
    slot("key").replaceChildren(slot("key").options[0], ...unique.map((name) => option(name, name)));
    slot("target").replaceChildren(...table.names.map((name) => option(name, name)));
    slot("target").value = table.names.at(-1);
    part("columns").replaceChildren(...table.names.map((name) => {
      const label = document.createElement("label");
      const box = Object.assign(document.createElement("input"), { type: "checkbox", value: name, checked: true });
      label.append(box, name);
      return label;
    }));
    for (const rest of document.querySelectorAll("[data-after-table]")) rest.hidden = false;
    chosen();
  };
  const chosen = () => {
    const target = slot("target").value;
    const kinds = kindsOf(target);
    const metric = form.elements.metric;
    for (const group of metric.querySelectorAll("optgroup")) group.disabled = !kinds.includes(group.dataset.kind);
    if (!kinds.length) say("split", "unfit", { target }, "error");
    else if (!metric.selectedOptions[0] || metric.selectedOptions[0].parentElement.disabled) {
      metric.value = metric.querySelector(`optgroup[data-kind=${kinds[0]}] option`).value;
    }
    for (const box of part("columns").querySelectorAll("input")) {
      box.disabled = [target, slot("key").value].includes(box.value);
    }
    preview(target);
    return kinds.length > 0 && told();
  };
  const seen = () =>
    [...part("columns").querySelectorAll("input")].filter((box) => box.checked && !box.disabled).map((box) => box.value);
  const preview = (target) => {
    const shown = document.createElement("table");
    const head = shown.createTHead().insertRow();
    const columns = [...seen(), target];
    for (const name of columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = name;
      if (name === target) cell.className = "target";
      head.append(cell);
    }
    const body = shown.createTBody();
    for (const row of table.rows.slice(0, 5)) {
      const line = body.insertRow();
      for (const name of columns) {
        const cell = line.insertCell();
        cell.textContent = row[table.names.indexOf(name)];
        if (name === target) cell.className = "target";
      }
    }
    part("preview").replaceChildren(shown);
  };
  const sizes = () => {
    const used = values(slot("target").value).filter((value) => value !== "").length;
    const kept = Math.round((used * Number(slot("share").value)) / 100);
    return { used, kept, open: used - kept, dropped: table.rows.length - used };
  };
  const told = () => {
    const { kept, open, dropped } = sizes();
    const few = Math.min(kept, open) < Number(form.dataset.fewest);
    say("split", few ? "few" : dropped ? "split-dropped" : "split", { open, kept, dropped, fewest: form.dataset.fewest },
      few ? "error" : "info");
    return !few;
  };

  // --- Splitting: a drawn part, or the last rows where rows follow each other in time. The draw follows from what a row
  // holds beside its answer: a table that is sent again, or mended and posed anew, keeps the same rows private.
  const marked = (rows, at) => {
    const met = new Map();
    return rows.map((row) => {
      const content = JSON.stringify(row.filter((_value, column) => column !== at));
      met.set(content, (met.get(content) || 0) + 1);
      return `${content} ${met.get(content)}`;
    });
  };
  const lot = (mark, attempt) => { // FNV-1a, finished as MurmurHash3 is
    let hash = 0x811c9dc5 ^ attempt;
    for (let i = 0; i < mark.length; i += 1) hash = Math.imul(hash ^ mark.charCodeAt(i), 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return (hash ^ (hash >>> 16)) >>> 0;
  };
  const drawn = (rows, at, attempt) => {
    const lots = new Map(marked(rows, at).map((mark, i) => [rows[i], lot(mark, attempt)]));
    return rows.slice().sort((one, other) => lots.get(one) - lots.get(other));
  };
  const NEEDS_TWO = ["roc_auc", "average_precision", "r2"];
  const measurable = (rows, at, blocks) => {
    for (let block = 0; block < blocks; block += 1) {
      const met = new Set();
      for (let i = block; i < rows.length; i += blocks) met.add(rows[i][at]);
      if (met.size < 2) return false;
    }
    return true;
  };
  const split = () => {
    const at = table.names.indexOf(slot("target").value);
    const usable = table.rows.filter((row) => row[at] !== "");
    const { open } = sizes();
    const needsTwo = NEEDS_TWO.includes(form.elements.metric.value);
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const ordered = slot("how").value === "drawn" ? drawn(usable, at, attempt) : usable;
      const parts = { open: ordered.slice(0, open), kept: ordered.slice(open) };
      const blocks = Math.min(parts.open.length, parts.kept.length) >= 100 && attempt < 20 ? 10 : 5;
      if (!needsTwo || (measurable(parts.open, at, blocks) && measurable(parts.kept, at, blocks))) {
        const marks = new Map(marked(usable, -1).map((mark, i) => [usable[i], mark]));
        const lost = parts.kept.some((row) => sent.has(marks.get(row)));
        return { ...parts, blocks, at, lost, going: parts.open.map((row) => marks.get(row)) };
      }
    }
    return null;
  };
  const written = (rows) =>
    rows.map((row) => row.map((value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value)).join(","))
      .join("\n") + "\n";
  const tables = (rows, first, at) => {
    const named = slot("key").value;
    let key = named || "id";
    while (!named && table.names.includes(key)) key = `_${key}`;
    const keyOf = (row, i) => (named ? row[table.names.indexOf(named)] : String(first + i));
    const columns = seen();
    const places = columns.map((name) => table.names.indexOf(name));
    return {
      key,
      inputs: written([[key, ...columns], ...rows.map((row, i) => [keyOf(row, i), ...places.map((place) => row[place])])]),
      truth: written([[key, table.names[at]], ...rows.map((row, i) => [keyOf(row, i), row[at]])]),
    };
  };

  // --- A plain tar (POSIX ustar) of the private part, for the node.
  const tar = (files) => {
    const blocks = [];
    for (const [name, text] of Object.entries(files)) {
      const content = new TextEncoder().encode(text);
      const head = new Uint8Array(512);
      const put = (value, place) => head.set(new TextEncoder().encode(value), place);
      put(name, 0);
      put("0000600\0", 100);
      put("0000000\0", 108);
      put("0000000\0", 116);
      put(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
      put("00000000000\0", 136);
      put("        0", 148);
      put("ustar\x0000", 257);
      put(`${head.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0")}\0 `, 148);
      blocks.push(head, content, new Uint8Array((512 - (content.length % 512)) % 512));
    }
    return new Blob([...blocks, new Uint8Array(1024)], { type: "application/x-tar" });
  };

  // --- Sending the public part; keeping the private one.
  const complain = (answer) => {
    for (const old of form.querySelectorAll(".field p.error")) old.remove();
    for (const [name, reasons] of Object.entries(answer.fields || {})) {
      const element = form.elements[name];
      const line = Object.assign(document.createElement("p"), { className: "error", textContent: reasons.join(" ") });
      line.setAttribute("role", "alert");
      const field = element && element.closest && element.closest(".field");
      if (field) field.append(line);
      else answer.reason = `${answer.reason || ""} ${name}: ${reasons.join(" ")}`;
    }
    say("outcome", "refused", { reason: answer.reason || "" }, "error");
    const first = form.querySelector(".field p.error");
    (first || part("outcome")).scrollIntoView({ block: "center" });
  };
  const send = async () => {
    if (!table || !chosen()) return;
    const parts = split();
    if (parts === null) {
      say("outcome", "rare", {}, "error");
      return;
    }
    if (parts.lost) {
      say("outcome", "lost", {}, "error");
      return;
    }
    const open = tables(parts.open, 1, parts.at);
    const kept = tables(parts.kept, parts.open.length + 1, parts.at);
    const asked = new FormData(form);
    asked.set("key", open.key);
    asked.set("target", table.names[parts.at]);
    asked.set("blocks", parts.blocks);
    asked.set("inputs", new File([open.inputs], "inputs.csv", { type: "text/csv" }));
    asked.set("truth", new File([open.truth], "truth.csv", { type: "text/csv" }));
    say("outcome", "proving");
    for (const mark of parts.going) sent.add(mark);
    let answer;
    try {
      const told = await fetch(form.action, { method: "POST", body: asked, headers: { "X-CSRFToken": csrf } });
      answer = await told.json();
      if (told.status !== 201) return complain(answer);
    } catch {
      return complain({ reason: document.querySelector("template[data-say=offline]").content.textContent.trim() });
    }
    const { id: challenge, version, digest } = answer;
    const about = JSON.stringify({ challenge, version, digest, centre: location.origin });
    packed = tar({ "challenge.json": `${about}\n`, "inputs.csv": kept.inputs, "truth.csv": kept.truth });
    saved = false;
    const link = document.querySelector("[data-save]");
    link.href = URL.createObjectURL(packed);
    link.download = `${challenge}-v${version}-private.tar`;
    link.addEventListener("click", () => { saved = true; });
    document.querySelector("[data-draft]").href = answer.address;
    for (const place of document.querySelectorAll("[data-file]")) place.textContent = link.download;
    part("making").hidden = true;
    part("made").hidden = false;
    part("made").querySelector("h2").focus();
  };

  document.getElementById("table").addEventListener("change", (event) => {
    if (event.target.files[0]) read(event.target.files[0]);
  });
  for (const name of ["key", "target", "share", "how"]) slot(name).addEventListener("change", chosen);
  part("columns").addEventListener("change", () => preview(slot("target").value));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    await send();
    button.disabled = false;
  });
  addEventListener("beforeunload", (event) => { if (!saved) event.preventDefault(); });
  quiet("reading");
  part("making").hidden = false;
})();
