/* The city's maps: guesses to be chosen, junctions that win or lose, and an episode that plays. */
"use strict";

const RATE = 20; // seconds of traffic a second

const mercatorX = (longitude) => longitude / 360 + 0.5;
const mercatorY = (latitude) => 0.5 - Math.asinh(Math.tan((latitude * Math.PI) / 180)) / (2 * Math.PI);

function addStreets(map, area) {
  if (!area.somewhere) map.setLayoutProperty("land", "visibility", "none").setLayoutProperty("border", "visibility", "none");
  map.addSource("streets", { type: "geojson", data: collection(area.streets) });
  map.addLayer({
    id: "streets", type: "line", source: "streets", layout: { "line-cap": "round" },
    paint: { "line-color": dark ? "#8b948c" : "#ffffff", "line-width": ["interpolate", ["exponential", 2], ["zoom"], 12, ["*", 0.6, ["get", "lanes"]], 18, ["*", 10, ["get", "lanes"]]] },
  });
}

async function guessMap(figure, words) {
  const places = read("places-data");
  const answer = await fetch(words.files.replace(/x$/, "area.json"));
  const area = answer.ok ? await answer.json() : { somewhere: true, streets: [] };
  const map = makeMap(figure, area.bounds ? areaBounds(area) : boundsOf(places.map((one) => [one.longitude, one.latitude])), 19);
  const colours = { signal: "#d55e00", plan: "#0072b2", place: "#009e73" };
  legend(figure, [["#8a6d3b", words.guess], ["#7a5195", words.fixed]]);
  map.once("style.load", () => {
    addStreets(map, area);
    map.addSource("guesses", { type: "geojson", data: collection(places.map((one) => point(one.longitude, one.latitude, one))) });
    map.addLayer({
      id: "guesses", type: "circle", source: "guesses",
      paint: {
        "circle-radius": ["match", ["get", "kind"], ["signal", "plan", "place"], 7, 5], "circle-stroke-width": 1.5, "circle-stroke-color": dark ? "#000" : "#fff",
        "circle-color": ["case", ["get", "fixed"], "#7a5195", ["match", ["get", "kind"], ...Object.entries(colours).flat(), "#8a6d3b"]],
      },
    });
    pointed(map, "guesses", ({ number }) => htmx.ajax("GET", `/jobs/${words.job}/guesses/${number}`, { target: "#guess", swap: "innerHTML show:top" }));
  });
}

async function signalMap(figure, words) {
  const area = await (await fetch(words.files.replace(/x$/, "area.json"))).json();
  const states = read("states-data") || {};
  const chosen = figure.querySelector("#variant");
  const map = makeMap(figure, areaBounds(area), 20);
  const colours = { "1": "#1a9850", "-1": "#d73027", "0": "#8d8d8d" };
  legend(figure, [["#1a9850", words.better], ["#d73027", words.worse], ["#8d8d8d", words.same], ["#2f7fd1", words.fast], ["#e07b39", words.slow]]);
  const features = (variant) => collection(area.junctions.map((one, number) => point(one.longitude, one.latitude, { number, colour: colours[states[one.id]?.[variant] ?? 0] })));
  map.once("style.load", () => {
    addStreets(map, area);
    map.addSource("junctions", { type: "geojson", data: features("retimed") });
    map.addLayer({ id: "junctions", type: "circle", source: "junctions", paint: { "circle-radius": 12, "circle-color": ["get", "colour"], "circle-opacity": 0.55, "circle-stroke-width": 2, "circle-stroke-color": ["get", "colour"] } });
    pointed(map, "junctions", ({ number }) => htmx.ajax("GET", `/jobs/${words.job}/junctions/${number}`, { target: "#junction", swap: "innerHTML show:top" }));
    if (figure.querySelector(".play")) film(figure, words, map, chosen);
    chosen.addEventListener("change", () => map.getSource("junctions").setData(features(chosen.value === "today" ? "retimed" : chosen.value)));
  });
}

/* The tracks of an episode: for each vehicle its first frame, how many, and its places on the Mercator plane. */
async function loadFilm(words, variant) {
  const [head, tracks] = await Promise.all([
    fetch(words.files.replace(/x$/, `play-${variant}.json`)).then((answer) => answer.json()),
    fetch(words.files.replace(/x$/, `play-${variant}.bin`)).then((answer) => answer.arrayBuffer()),
  ]);
  const n = head.vehicles, first = new Uint16Array(tracks, 0, n), many = new Uint16Array(tracks, 2 * n, n), raw = new Uint16Array(tracks, 4 * n);
  const [west, south, east, north] = head.box, x = new Float64Array(raw.length / 2), y = new Float64Array(raw.length / 2);
  for (let k = 0; k < x.length; k += 1) {
    x[k] = mercatorX(west + (raw[2 * k] / 65535) * (east - west));
    y[k] = mercatorY(south + (raw[2 * k + 1] / 65535) * (north - south));
  }
  const starts = new Uint32Array(n);
  for (let v = 1; v < n; v += 1) starts[v] = starts[v - 1] + many[v - 1];
  const metre = 1 / (40075016.7 * Math.cos((south * Math.PI) / 180));
  return { ...head, first, many, starts, x, y, metre };
}

function film(figure, words, map, chosen) {
  const button = figure.querySelector(".play"), slider = figure.querySelector(".time"), clock = figure.querySelector(".clock");
  const canvas = map.getCanvasContainer().appendChild(document.createElement("canvas"));
  canvas.className = "film";
  const pen = canvas.getContext("2d");
  let shown = null, at = 0, playing = false, before = 0, frames = 0;

  const draw = () => {
    if (!shown) return;
    const box = map.getContainer(), ratio = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(box.clientWidth * ratio) || canvas.height !== Math.round(box.clientHeight * ratio)) {
      canvas.width = Math.round(box.clientWidth * ratio);
      canvas.height = Math.round(box.clientHeight * ratio);
      canvas.style.width = `${box.clientWidth}px`;
      canvas.style.height = `${box.clientHeight}px`;
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, box.clientWidth, box.clientHeight);
    const centre = map.getCenter(), world = 512 * 2 ** map.getZoom();
    const x0 = mercatorX(centre.lng) - box.clientWidth / 2 / world, y0 = mercatorY(centre.lat) - box.clientHeight / 2 / world;
    const size = Math.max(2, Math.min(5, 2.2 * shown.metre * world)), frame = at / shown.every, whole = Math.floor(frame), part = frame - whole;
    const slow = new Path2D(), fast = new Path2D(), crawl = 1.4 * shown.every * shown.metre;
    for (let v = 0; v < shown.first.length; v += 1) {
      const k = whole - shown.first[v];
      if (k < 0 || k >= shown.many[v]) continue;
      const here = shown.starts[v] + k, there = k + 1 < shown.many[v] ? here + 1 : here;
      const dx = shown.x[there] - shown.x[here], dy = shown.y[there] - shown.y[here];
      const x = (shown.x[here] + part * dx - x0) * world, y = (shown.y[here] + part * dy - y0) * world;
      (Math.abs(dx) + Math.abs(dy) < crawl ? slow : fast).rect(x - size / 2, y - size / 2, size, size);
    }
    pen.fillStyle = dark ? "#7db8f2" : "#2f7fd1";
    pen.fill(fast);
    pen.fillStyle = "#e07b39";
    pen.fill(slow);
    for (const signal of shown.signals) {
      let low = 0, high = signal.states.length - 1;
      while (low < high) { const middle = (low + high + 1) >> 1; if (signal.states[middle][0] <= at) low = middle; else high = middle - 1; }
      const state = signal.states[low]?.[1] ?? "";
      for (const [longitude, latitude, link] of signal.stops) {
        pen.fillStyle = { G: "#1a9850", g: "#66bd63", y: "#f2b705" }[state[link]] ?? "#d73027";
        pen.beginPath();
        pen.arc((mercatorX(longitude) - x0) * world, (mercatorY(latitude) - y0) * world, size * 0.75, 0, 7);
        pen.fill();
      }
    }
    const seconds = Math.floor(shown.begin + at);
    clock.textContent = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60].map((n) => String(n).padStart(2, "0")).join(":");
    slider.value = String(Math.floor(at));
    frames += 1;
    figure.dataset.frames = String(frames);
  };

  const tick = (now) => {
    if (!playing) return;
    at += (Math.min(now - before, 250) / 1000) * RATE;
    before = now;
    if (at >= shown.frames * shown.every) { at = 0; stop(); }
    draw();
    requestAnimationFrame(tick);
  };
  const stop = () => { playing = false; button.textContent = button.dataset.play; };
  const choose = async () => {
    shown = await loadFilm(words, chosen.value);
    slider.max = String(shown.frames * shown.every);
    at = Math.min(at, shown.frames * shown.every);
    draw();
    figure.dataset.film = chosen.value;
  };
  button.addEventListener("click", () => {
    if (!shown) return;
    if (playing) { stop(); return; }
    playing = true;
    button.textContent = button.dataset.pause;
    before = performance.now();
    requestAnimationFrame(tick);
  });
  slider.addEventListener("input", () => { at = Number(slider.value); draw(); });
  chosen.addEventListener("change", choose);
  map.on("move", draw);
  map.on("resize", draw);
  choose();
}
