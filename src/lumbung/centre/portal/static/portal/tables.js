// A table as people have it, read in their own browser: text with separators, or a workbook. Nothing is sent.
"use strict";
globalThis.lumbungTables = (() => {
  class Unreadable extends Error {} // its message names a sentence of the page
  const refuse = (sentence, slots = {}) => { throw Object.assign(new Unreadable(sentence), { slots }); }; // slots: what the sentence is filled with

  // --- Text: as spreadsheets write it in twelve countries.
  const decoded = (buffer) => {
    const marks = new Uint8Array(buffer.slice(0, 2));
    const wide = { "255,254": "utf-16le", "254,255": "utf-16be" }[marks.join()];
    for (const name of [...(wide ? [wide] : []), "utf-8", "gb18030"]) {
      try {
        return new TextDecoder(name, { fatal: true }).decode(buffer);
      } catch { /* the next */ }
    }
    return new TextDecoder("windows-1252").decode(buffer);
  };
  const separatorOf = (line) =>
    [",", ";", "\t"].reduce((best, one) => (line.split(one).length > line.split(best).length ? one : best));
  const lines = (text, separator) => {
    const rows = [];
    let row = [], field = "", quoted = false;
    const endField = () => { row.push(field); field = ""; };
    const endRow = () => { endField(); if (row.length > 1 || row[0] !== "") rows.push(row); row = []; };
    for (let i = 0; i < text.length; i += 1) {
      const letter = text[i];
      if (quoted) {
        if (letter !== '"') field += letter;
        else if (text[i + 1] === '"') { field += '"'; i += 1; } else quoted = false;
      } else if (letter === '"' && field === "") quoted = true;
      else if (letter === separator) endField();
      else if (letter === "\n" || (letter === "\r" && text[i + 1] !== "\n")) endRow();
      else if (letter !== "\r") field += letter;
    }
    if (quoted) refuse("unclosed", { line: rows.length + 1 });
    if (field !== "" || row.length) endRow();
    return rows;
  };

  // --- Numbers: which of "." and "," parts thousands is a matter of the whole column, and where that tells nothing, of the file.
  const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
  const POINT = /^[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d*)?([eE][+-]?\d+)?$|^[+-]?\.\d+([eE][+-]?\d+)?$/;
  const COMMA = /^[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d*)?([eE][+-]?\d+)?$|^[+-]?,\d+([eE][+-]?\d+)?$/;
  const readings = (values) => {
    const known = values.filter((value) => value !== "");
    return { point: known.every((value) => POINT.test(value)), comma: known.every((value) => COMMA.test(value)) };
  };
  const numbersOf = (columns, separator) => {
    const ways = columns.map(readings);
    const files = ways.some((way) => way.comma && !way.point) ? "comma"
      : ways.some((way) => way.point && !way.comma) ? "point"
      : separator === ";" && columns.flat().some((value) => value.includes(",")) ? "comma" : "point";
    return columns.map((values, i) => {
      const { point, comma } = ways[i];
      if (!point && !comma) return { values };
      const way = point && comma ? files : comma ? "comma" : "point";
      const plain = values.map((value) =>
        (way === "comma" ? value.replaceAll(".", "").replace(",", ".") : value.replaceAll(",", "")));
      const either = point && comma ? values.findIndex((value) => /[.,]/.test(value)) : -1;
      return either < 0 ? { values: plain } : { values: plain, either: { written: values[either], read: plain[either] } };
    });
  };

  // --- A workbook: a zip of XML, of which the first sheet is read.
  const MOST = 2 ** 28; // bytes of a sheet: more is no table for a page
  const inflated = async (bytes) => {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    const parts = [];
    let size = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return new Blob(parts).text();
      size += value.length;
      if (size > MOST) throw new Unreadable("large");
      parts.push(value);
    }
  };
  const opened = (buffer) => {
    const view = new DataView(buffer);
    let end = buffer.byteLength - 22;
    while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end -= 1;
    if (end < 0) throw new Unreadable("workbook");
    const entries = {};
    let at = view.getUint32(end + 16, true);
    for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
      const [method, size, nameSize] = [view.getUint16(at + 10, true), view.getUint32(at + 20, true), view.getUint16(at + 28, true)];
      const name = new TextDecoder().decode(new Uint8Array(buffer, at + 46, nameSize));
      entries[name.replace(/^\//, "")] = { method, size, local: view.getUint32(at + 42, true) };
      at += 46 + nameSize + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    }
    return async (name) => {
      const entry = entries[name];
      if (!entry) return null;
      const start = entry.local + 30 + view.getUint16(entry.local + 26, true) + view.getUint16(entry.local + 28, true);
      const bytes = new Uint8Array(buffer, start, entry.size);
      const text = entry.method === 8 ? await inflated(bytes) : new TextDecoder().decode(bytes);
      const parsed = new DOMParser().parseFromString(text, "application/xml");
      if (parsed.querySelector("parsererror")) throw new Unreadable("workbook");
      return parsed;
    };
  };
  const all = (node, name) => (node ? [...node.getElementsByTagNameNS("*", name)] : []);
  const textOf = (node) =>
    all(node, "t").filter((part) => part.parentNode.localName !== "rPh").map((part) => part.textContent).join("")
      .replace(/_x([0-9a-f]{4})_/gi, (_all, code) => String.fromCharCode(parseInt(code, 16)));
  const DAYS = new Set([14, 15, 16, 17, 18, 19, 20, 21, 22, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 45, 47, 50, 51, 52, 53, 54, 55, 56, 57, 58]);
  const ELAPSED = 46; // [h]:mm:ss
  const timesOf = (styles) => { // of each style: "" for a number, "moment" for a day or time of day, "elapsed" for hours that run past 24
    const written = new Map(all(styles, "numFmt").map((one) => [one.getAttribute("numFmtId"), one.getAttribute("formatCode")]));
    return all(all(styles, "cellXfs")[0], "xf").map((one) => {
      const id = one.getAttribute("numFmtId");
      const code = (written.get(id) || "").replace(/"[^"]*"|\\./g, "");
      if (Number(id) === ELAPSED || /\[(h+|m+|s+)\]/i.test(code)) return "elapsed";
      return DAYS.has(Number(id)) || /[ymdhs]/i.test(code.replace(/\[[^\]]*\]/g, "")) ? "moment" : "";
    });
  };
  const elapsed = (days) => {
    const seconds = Math.round(Math.abs(days) * 86400);
    const [hours, minutes, rest] = [seconds / 3600, seconds / 60 % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0"));
    return `${days < 0 ? "-" : ""}${hours}:${minutes}:${rest}`;
  };
  const LAST_DAY = 2958466; // the first of the year 10000; before 0 and from here on spreadsheets show no date
  const moment = (serial, from1904) => {
    if (!(serial >= 0 && serial < LAST_DAY)) return serial;
    const epoch = from1904 ? 24107 : serial < 60 ? 25568 : 25569; // 1900 has a 29 February, the day 60, in spreadsheets alone
    const at = new Date(Math.round((serial - epoch) * 86400) * 1000).toISOString();
    if (serial < 1) return at.slice(11, 19);
    return at.endsWith("T00:00:00.000Z") ? at.slice(0, 10) : at.slice(0, 19);
  };
  const placeOf = (reference) =>
    [...reference.replace(/\d+$/, "")].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  const sheetOf = async (buffer) => {
    const entry = opened(buffer);
    const book = await entry("xl/workbook.xml");
    const links = await entry("xl/_rels/workbook.xml.rels");
    const tables = new Map(all(links, "Relationship") // charts that fill a sheet of their own are none
      .filter((one) => one.getAttribute("Type").endsWith("/worksheet")).map((one) => [one.getAttribute("Id"), one.getAttribute("Target")]));
    const tableOf = (one) => tables.get([...one.attributes].find(({ localName, prefix }) => localName === "id" && prefix)?.value);
    const sheets = all(book, "sheet").filter((one) => !["hidden", "veryHidden"].includes(one.getAttribute("state")) && tableOf(one));
    if (!sheets.length) throw new Unreadable("workbook");
    const target = tableOf(sheets[0]);
    const sheet = await entry(target.startsWith("/") ? target.slice(1) : `xl/${target}`);
    const shared = all(await entry("xl/sharedStrings.xml"), "si").map(textOf);
    const times = timesOf(await entry("xl/styles.xml"));
    const from1904 = ["1", "true"].includes(all(book, "workbookPr")[0]?.getAttribute("date1904"));
    const valueOf = (cell) => {
      const kind = cell.getAttribute("t");
      if (kind === "inlineStr") return textOf(cell).trim();
      const held = all(cell, "v")[0]?.textContent ?? "";
      if (held === "" && kind !== "str" && all(cell, "f").length) refuse("formula", { cell: cell.getAttribute("r") || "" });
      if (held === "" || kind === "e") return "";
      if (kind === "s") return (shared[Number(held)] ?? "").trim();
      if (kind === "str") return held.trim();
      if (kind === "b") return held === "1" ? "TRUE" : "FALSE";
      if (kind === "d") return held;
      const time = times[Number(cell.getAttribute("s") || 0)];
      if (time === "elapsed") return elapsed(Number(held));
      return time === "moment" ? moment(Number(held), from1904) : Number(held);
    };
    const rows = all(sheet, "row").map((row) => {
      const values = [];
      for (const cell of all(row, "c")) {
        const place = cell.getAttribute("r") ? placeOf(cell.getAttribute("r")) : values.length;
        while (values.length < place) values.push("");
        values[place] = valueOf(cell);
      }
      while (values.length && values.at(-1) === "") values.pop();
      return values;
    }).filter((row) => row.length);
    const width = rows.length ? rows[0].length : 0;
    for (const row of rows) while (row.length < width) row.push("");
    return { rows, book: true, sheet: sheets.length > 1 ? sheets[0].getAttribute("name") : "" };
  };

  // --- Either: {names, rows, sheet, either} (columns whose numbers can be read in two ways), or an Unreadable.
  const read = async (buffer) => {
    const kind = new Uint8Array(buffer.slice(0, 4)).join();
    let found;
    if (kind === "80,75,3,4") {
      try {
        found = await sheetOf(buffer);
      } catch (error) {
        throw error instanceof Unreadable ? error : new Unreadable("workbook"); // cut off, or no zip after all
      }
    } else if (kind === "208,207,17,224") refuse("old-workbook");
    else {
      const text = decoded(buffer).replace(/^\ufeff/, "");
      if (text.includes("\0")) refuse("workbook");
      const [hint, told] = text.match(/^"?sep=(.)"?(?:\r\n|\r|\n)/i) || ["", ""]; // written for a spreadsheet, no line of the table
      const rest = text.slice(hint.length);
      const separator = told || separatorOf(rest.slice(0, rest.search(/\r|\n|$/)));
      found = { rows: lines(rest, separator), sheet: "", separator };
    }
    const [names, ...below] = found.rows;
    if (!names) refuse("empty");
    const wrong = below.findIndex((row) => row.length !== names.length);
    if (wrong >= 0) refuse("ragged", { line: wrong + 2, found: below[wrong].length, expected: names.length });
    const rows = below.filter((row) => row.some((value) => String(value).trim() !== "")); // spreadsheets write separators for blank lines too
    if (rows.length === 0) refuse("empty");
    const headers = names.map((name) => String(name).trim().replace(/\s+/g, " "));
    while (headers.at(-1) === "" && rows.every((row) => String(row[headers.length - 1]).trim() === "")) headers.pop(); // a separator behind the last column
    if (new Set(headers).size < headers.length || headers.includes("")) refuse("header");
    const columns = headers.map((_name, column) => rows.map((row) => row[column]));
    const exact = columns.map((values) => values.every((value) => typeof value === "number" || value === ""));
    const texts = columns.map((values) => values.map((value) => String(value).trim()));
    const plain = numbersOf(texts, found.separator).map((way, i) => (exact[i] && found.book ? { values: texts[i] } : way));
    const either = plain.map((way, i) => ({ column: headers[i], ...way.either })).filter((one) => one.read !== undefined);
    return { names: headers, rows: rows.map((_row, i) => plain.map((way) => way.values[i])), sheet: found.sheet, either };
  };
  return { NUMBER, Unreadable, read };
})();
