/* The desk's maps: MapLibre over land of our own. What is drawn stands in the page as JSON; nothing is asked of another machine. */
"use strict";

const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const SEA = dark ? "#1c3147" : "#e6eef6", LAND = dark ? "#37413a" : "#e6dfcd", BORDER = dark ? "#1a211c" : "#b9ad90";
const SCALES = {
  yield: ["#f7e08c", "#7fb069", "#1d5b3f"], risk: ["#1d5b3f", "#f2b705", "#b3202a"],
  gain: ["#b3202a", "#e9e4d4", "#1d5b3f"], water: ["#dceaf7", "#4a90c2", "#123f66"],
};

const cityMaps = typeof guessMap === "undefined" ? {} : { guesses: guessMap, signals: signalMap }; // city.js stands on the pages that need it

for (const figure of document.querySelectorAll(".deskmap")) {
  const words = figure.dataset;
  try {
    ({ farm: farmMap, coverage: coverageMap, plan: planMap, layers: layerMap, bare: bareMap, ...cityMaps })[words.what](figure, words);
  } catch (error) { // no WebGL here
    figure.querySelector(".box").textContent = words.nomap;
    console.error(error);
  }
  figure.querySelector(".print").addEventListener("click", () => window.print());
}

function read(id) {
  return JSON.parse(document.getElementById(id).textContent);
}

function makeMap(figure, bounds, closest = 14) {
  const words = figure.dataset;
  const map = new maplibregl.Map({
    container: figure.querySelector(".box"), bounds, fitBoundsOptions: { padding: 40, maxZoom: closest - 3 },
    dragRotate: false, pitchWithRotate: false, attributionControl: false, maxZoom: closest,
    renderWorldCopies: false, fadeDuration: 0,
    locale: { "Map.Title": words.title, "NavigationControl.ZoomIn": words.in, "NavigationControl.ZoomOut": words.out },
    style: {
      version: 8,
      sources: { land: { type: "geojson", data: new URL(words.land, location).href } },
      layers: [
        { id: "sea", type: "background", paint: { "background-color": SEA } },
        { id: "land", type: "fill", source: "land", paint: { "fill-color": LAND } },
        { id: "border", type: "line", source: "land", paint: { "line-color": BORDER, "line-width": 1 } },
      ],
    },
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.addControl(new maplibregl.ScaleControl());
  figure.querySelector(".picture").addEventListener("click", () => {
    // what was drawn is readable only while it is being drawn
    map.once("render", () => map.getCanvas().toBlob((blob) => {
      const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: `${words.job}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    }));
    map.triggerRepaint();
  });
  map.once("idle", () => { figure.dataset.drawn = String(Math.round(performance.now())); });
  figure.map = map; // for whoever measures
  map.once("style.load", () => ownLayers(figure, map));
  return map;
}

function boundsOf(points) {
  const x = points.map(([a]) => a), y = points.map(([, b]) => b);
  return [[Math.min(...x), Math.min(...y)], [Math.max(...x), Math.max(...y)]];
}

function collection(features) {
  return { type: "FeatureCollection", features };
}

function point(longitude, latitude, properties) {
  return { type: "Feature", geometry: { type: "Point", coordinates: [longitude, latitude] }, properties };
}

function legend(figure, entries) {
  figure.querySelector(".legend").replaceChildren(...entries.map(([colour, text]) => {
    const one = Object.assign(document.createElement("span"), { className: "one" });
    const mark = document.createElement("i");
    mark.style.background = colour;
    one.append(mark, text);
    return one;
  }));
}

function farmMap(figure, words) {
  const sites = read(words.sites);
  const map = makeMap(figure, boundsOf(sites.map((site) => [site.longitude, site.latitude])));
  const value = (site, name) => (name === "risk" ? 100 * site.risk : site[name]);
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 0 });
  const show = (name) => {
    const known = sites.map((site) => value(site, name)).filter((one) => one !== null);
    let low = Math.min(...known), high = Math.max(...known);
    if (name === "gain") [low, high] = [-Math.max(-low, high, 1), Math.max(-low, high, 1)];
    if (high - low < 1) high = low + 1;
    const [first, middle, last] = SCALES[name];
    map.getSource("sites").setData(collection(sites.map((site) => point(site.longitude, site.latitude, { line: site.line, value: value(site, name) ?? -1e9 }))));
    map.setPaintProperty("sites", "circle-color", ["case", ["<", ["get", "value"], -1e8], "#999",
      ["interpolate", ["linear"], ["get", "value"], low, first, (low + high) / 2, middle, high, last]]);
    legend(figure, [...(known.length ? [[first, number.format(low)], [middle, number.format((low + high) / 2)], [last, number.format(high)]] : []),
      ...(known.length < sites.length ? [["#999", words.none]] : []), ["transparent", words[name]]]);
  };
  map.once("style.load", () => {
    map.addSource("sites", { type: "geojson", data: collection([]) });
    map.addLayer({ id: "sites", type: "circle", source: "sites", paint: { "circle-radius": 8, "circle-stroke-width": 1.5, "circle-stroke-color": dark ? "#000" : "#fff" } });
    const chosen = figure.querySelector("select");
    show(chosen.value);
    chosen.addEventListener("change", () => show(chosen.value));
    pointed(map, "sites", (found) => htmx.ajax("GET", `/jobs/${words.job}/sites/${found.line}`, { target: "#site", swap: "innerHTML show:top" }));
  });
}

function pointed(map, layer, act) {
  map.on("click", layer, (event) => act(event.features[0].properties));
  map.on("mouseenter", layer, () => { map.getCanvas().style.cursor = "pointer"; });
  map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; });
}

function areaBounds({ bounds }) {
  return [[bounds[0], bounds[1]], [bounds[2], bounds[3]]];
}

function corners([west, south, east, north]) {
  return [[west, north], [east, north], [east, south], [west, south]];
}

function layGround(map, words, area) {
  if (area.generated) map.setLayoutProperty("land", "visibility", "none").setLayoutProperty("border", "visibility", "none"); // made-up islands lie nowhere
  map.addSource("ground", { type: "image", url: words.files.replace(/x$/, "ground.png"), coordinates: corners(area.ground) });
  map.addLayer({ id: "ground", type: "raster", source: "ground", paint: { "raster-fade-duration": 0, "raster-brightness-max": dark ? 0.55 : 1 } });
}

function lay(map, url, bounds) {
  const source = map.getSource("signal");
  if (source) return source.updateImage({ url, coordinates: corners(bounds) });
  map.addSource("signal", { type: "image", url, coordinates: corners(bounds) });
  return map.addLayer({ id: "signal", type: "raster", source: "signal", paint: { "raster-resampling": "nearest", "raster-fade-duration": 0 } },
    map.getLayer("villages") ? "villages" : undefined);
}

function villagesOf(area, served) {
  return collection(area.villages.map((village, number) => point(village.longitude, village.latitude, {
    number, people: village.people, state: served ? (served[number].known === false ? 2 : served[number].served === true || served[number] === true ? 1 : 0) : 2,
  })));
}

function addVillages(map, area, served) {
  map.addSource("villages", { type: "geojson", data: villagesOf(area, served) });
  map.addLayer({
    id: "villages", type: "circle", source: "villages",
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["sqrt", ["get", "people"]], 0, 3, 60, 8],
      "circle-color": ["match", ["get", "state"], 1, "#ffffff", 0, "#e07b39", "#8d8d8d"],
      "circle-stroke-width": 1.5, "circle-stroke-color": "#22261f",
    },
  });
}

function askedOf(map, words) {
  pointed(map, "villages", ({ number }) => htmx.ajax("GET", `/jobs/${words.job}/villages/${number}`, { target: "#village", swap: "innerHTML show:top" }));
}

function mast(map, { id, latitude, longitude }, { name, draggable, kind = "" }) {
  const element = document.createElement("div");
  element.className = `mast ${kind}`;
  element.tabIndex = 0;
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", `${name} ${id}`);
  element.title = `${name} ${id}`;
  return new maplibregl.Marker({ element, draggable, anchor: "bottom" }).setLngLat([longitude, latitude]).addTo(map);
}

function levels(area, words) {
  const bounds = area.classes.filter((bound, k) => k === area.classes.length - 1 || bound > area.threshold);
  const colours = [...area.colours.slice(0, bounds.length - 1), area.colours.at(-1)];
  return bounds.map((bound, k) => [colours[k], words.dbm.replace("%s", bound)]);
}

function coverageMap(figure, words) {
  const area = read(words.area);
  const served = document.getElementById("served-data") ? read("served-data") : null;
  const map = makeMap(figure, areaBounds(area));
  legend(figure, [...levels(area, words), ["#b3202a", words.tower], ...(area.villages.length ? [["#ffffff", words.served], ["#e07b39", words.unserved]] : [])]);
  let shown = "", asked = fetch(words.layer); // while the map begins
  const look = async () => {
    const layer = await (await asked).json();
    if (layer.picture !== shown) {
      shown = layer.picture;
      lay(map, words.files.replace(/x$/, layer.picture), layer.bounds);
      figure.dataset.how = layer.how;
      figure.dataset.first ??= String(Math.round(performance.now()));
    }
    if (layer.how !== "exact" && !words.over) setTimeout(again, 300);
  };
  const again = () => { asked = fetch(words.layer); return look(); };
  map.once("style.load", () => {
    layGround(map, words, area);
    if (area.villages.length) {
      addVillages(map, area, served);
      askedOf(map, words);
    }
    look();
    if (words.over) draggable(figure, words, map, area, served, () => { shown = ""; again(); });
    else for (const tower of area.towers) mast(map, tower, { name: words.tower });
  });
}

function draggable(figure, words, map, area, served, putBack) {
  const said = figure.querySelector(".said"), back = figure.querySelector(".back");
  const number = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  let asked = 0;
  const ask = async (tower, at, exact) => {
    const begun = performance.now();
    const body = new FormData();
    for (const [name, value] of Object.entries({ tower, latitude: at.lat, longitude: at.lng, exact: exact ? 1 : 0 })) body.append(name, value);
    const answer = await (await fetch(words.moved, { method: "POST", body, headers: { "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value } })).json();
    return { ...answer, seconds: (performance.now() - begun) / 1000 };
  };
  const show = (tower, answer) => {
    lay(map, answer.picture, answer.bounds);
    if (area.villages.length) map.getSource("villages").setData(villagesOf(area, answer.served));
    const parts = [tower, number.format(answer.people_now), number.format(answer.people_before), answer.won, answer.lost, number.format(answer.seconds), number.format(area.cell_m)];
    said.textContent = `${parts.reduce((text, part, k) => text.replace(`%${k + 1}`, part), words.moving)} ${answer.exact ? "" : words.preview}`.trim();
    figure.dataset.seconds = String(answer.seconds);
    figure.dataset.shown = answer.exact ? "exact" : "preview";
  };
  const markers = area.towers.map((tower) => {
    const marker = mast(map, tower, { name: words.tower, draggable: true });
    const home = marker.getLngLat();
    const settle = async () => {
      const mine = ++asked;
      said.textContent = words.computing;
      for (const other of markers) if (other.marker !== marker) other.marker.setLngLat(other.home);
      back.hidden = false;
      for (const exact of [false, true]) { // at once what the picture needs, then every cell
        const answer = await ask(tower.id, marker.getLngLat(), exact);
        if (mine !== asked) return;
        if (answer.error) { said.textContent = words.failed; return; }
        show(tower.id, answer);
      }
    };
    marker.on("dragend", settle);
    marker.getElement().addEventListener("keydown", (event) => { // without a mouse: a cell at a time
      const step = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      const { lng, lat } = marker.getLngLat(), degrees = area.cell_m / 111000;
      marker.setLngLat([lng + step[0] * degrees, lat + step[1] * degrees]);
      clearTimeout(marker.waits);
      marker.waits = setTimeout(settle, 400);
    });
    return { marker, home };
  });
  back.addEventListener("click", () => {
    asked += 1;
    for (const { marker, home } of markers) marker.setLngLat(home);
    if (area.villages.length) map.getSource("villages").setData(villagesOf(area, served));
    said.textContent = "";
    back.hidden = true;
    putBack();
  });
  if (area.towers.length) ask(area.towers[0].id, { lat: area.towers[0].latitude, lng: area.towers[0].longitude }, false).then(() => { figure.dataset.ready = "1"; }); // the ground is read before somebody drags
}

function planMap(figure, words) {
  const area = read(words.area);
  const map = makeMap(figure, areaBounds(area));
  legend(figure, [["#b3202a", words.tower], ["#7a1fa2", words.newtower], ["#ffffff", words.served], ["#e07b39", words.unserved]]);
  map.once("style.load", async () => {
    layGround(map, words, area);
    for (const tower of area.towers) mast(map, tower, { name: words.tower });
    const answer = await fetch(words.files.replace(/x$/, "plan.geojson"));
    if (!answer.ok) { addVillages(map, area, null); return; }
    const plan = await answer.json();
    const kind = (name) => plan.features.filter((feature) => feature.properties.kind === name);
    addVillages(map, area, kind("village").map((village) => village.properties.reached !== "no"));
    askedOf(map, words);
    map.addSource("hops", { type: "geojson", data: collection(kind("hop")) });
    map.addLayer({ id: "hops", type: "line", source: "hops", paint: { "line-color": "#7a1fa2", "line-width": 2, "line-dasharray": [3, 2] } }, "villages");
    for (const { geometry, properties } of kind("new site")) {
      mast(map, { id: properties.id, longitude: geometry.coordinates[0], latitude: geometry.coordinates[1] }, { name: words.newtower, kind: "new" });
    }
  });
}

/* Any GeoJSON: points, lines and areas as they are; what is chosen says what it carries. */
async function layerMap(figure, words) {
  const map = makeMap(figure, [[94, -11], [141, 8]], 18);
  const found = collection((await Promise.all(words.layers.split(" ").map(async (url) => (await (await fetch(url)).json()).features))).flat());
  map.once("style.load", () => {
    addLayer(map, figure, "own", found, "#b3202a");
    const places = found.features.flatMap((feature) => coordinatesOf(feature.geometry));
    if (places.length) map.fitBounds(boundsOf(places), { padding: 40, duration: 0, maxZoom: 13 });
  });
}

function coordinatesOf(geometry) {
  if (!geometry) return [];
  if (geometry.type === "GeometryCollection") return geometry.geometries.flatMap(coordinatesOf);
  const walk = (part) => (typeof part[0] === "number" ? [part.slice(0, 2)] : part.flatMap(walk));
  return walk(geometry.coordinates);
}

function addLayer(map, figure, id, data, colour) {
  map.addSource(id, { type: "geojson", data });
  const of = (...types) => ["in", ["geometry-type"], ["literal", types]];
  map.addLayer({ id: `${id}-area`, type: "fill", source: id, filter: of("Polygon", "MultiPolygon"), paint: { "fill-color": colour, "fill-opacity": 0.25 } });
  map.addLayer({ id: `${id}-line`, type: "line", source: id, filter: of("Polygon", "MultiPolygon", "LineString", "MultiLineString"), paint: { "line-color": colour, "line-width": 2 } });
  map.addLayer({ id: `${id}-point`, type: "circle", source: id, filter: of("Point", "MultiPoint"), paint: { "circle-color": colour, "circle-radius": 6, "circle-stroke-width": 1.5, "circle-stroke-color": dark ? "#000" : "#fff" } });
  for (const kind of ["area", "line", "point"]) pointed(map, `${id}-${kind}`, (properties) => told(figure, properties));
}

function told(figure, properties) {
  const list = document.createElement("dl");
  list.className = "facts columns";
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === "") continue;
    list.append(Object.assign(document.createElement("dt"), { textContent: name }), Object.assign(document.createElement("dd"), { textContent: String(value) }));
  }
  const about = figure.querySelector(".about") ?? figure.querySelector("figcaption").appendChild(Object.assign(document.createElement("div"), { className: "about" }));
  about.replaceChildren(list);
}

/* The person's own layers: a list below the map, each laid over the land and under everything else. */
function ownLayers(figure, map) {
  const list = document.querySelector("fieldset.own");
  if (!list) return;
  const layers = new Map(read("own-layers").map((one) => [one.id, one]));
  const under = map.getStyle().layers.find((layer) => !["sea", "land", "border", "ground"].includes(layer.id))?.id;
  const show = async (id, wanted) => {
    const one = layers.get(id), shown = map.getStyle().layers.filter((layer) => layer.id.startsWith(`own-${id}`));
    if (!wanted) { for (const layer of shown) map.removeLayer(layer.id); if (shown.length) map.removeSource(`own-${id}`); return; }
    if (one.kind === "raster") {
      map.addSource(`own-${id}`, { type: "image", url: `/jobs/${id}/files/layer.png`, coordinates: corners(one.bounds) });
      map.addLayer({ id: `own-${id}`, type: "raster", source: `own-${id}`, paint: { "raster-fade-duration": 0, "raster-opacity": 0.8 } }, under);
    } else {
      addLayer(map, figure, `own-${id}`, await (await fetch(`/jobs/${id}/files/layer.geojson`)).json(), "#7a1fa2");
    }
    figure.dataset.own = id;
  };
  list.hidden = false;
  figure.querySelector("figcaption").append(list);
  for (const box of list.querySelectorAll("input")) {
    box.checked = box.value === figure.dataset.shown;
    box.addEventListener("change", () => show(box.value, box.checked));
    if (box.checked) {
      show(box.value, true);
      map.fitBounds(areaBounds(layers.get(box.value)), { padding: 40, duration: 0, maxZoom: 15 });
    }
  }
}

function bareMap(figure) {
  makeMap(figure, [[94, -11], [141, 8]], 18);
}
