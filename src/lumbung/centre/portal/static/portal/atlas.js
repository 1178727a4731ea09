/* The map that moves: MapLibre over the same land and the same marks, fetched when somebody asks for it. */
"use strict";

for (const figure of document.querySelectorAll("figure.map")) {
  const button = figure.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    fetchBoth(figure.dataset).then(() => move(figure)).then(
      () => button.parentElement.remove(),
      () => { button.disabled = false; }, // the drawn map stays
    );
  });
}

function fetchBoth({ script, sheet }) {
  return Promise.all([
    arrived(Object.assign(document.createElement("link"), { rel: "stylesheet", href: sheet })),
    arrived(Object.assign(document.createElement("script"), { src: script })),
  ]);
}

function arrived(element) {
  return new Promise((done, failed) => {
    element.onload = done;
    element.onerror = failed;
    document.head.append(element);
  });
}

function colours() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  return dark ? { sea: "#1c3147", land: "#37413a", border: "#1a211c" }
    : { sea: "#e6eef6", land: "#e6dfcd", border: "#fbf8f1" };
}

function move(figure) {
  const words = figure.dataset;
  const drawn = figure.querySelector(".sheet > svg");
  const bounds = [[+words.west, +words.south], [+words.east, +words.north]];
  const { sea, land, border } = colours();
  const box = document.createElement("div");
  box.className = "moving";
  figure.querySelector(".sheet").append(box);
  const bows = [...drawn.querySelectorAll(".bow")].map((bow) => ({
    type: "Feature", properties: {},
    geometry: { type: "LineString", coordinates: bow.dataset.line.split(" ").map((at) => at.split(",").map(Number)) },
  }));
  let map;
  try {
    map = new maplibregl.Map({
      container: box, bounds, maxBounds: [[+words.west - 15, +words.south - 15], [+words.east + 15, +words.north + 10]],
      maxZoom: 8, dragRotate: false, pitchWithRotate: false, cooperativeGestures: false, attributionControl: false,
      locale: { "Map.Title": words.title, "NavigationControl.ZoomIn": words.in, "NavigationControl.ZoomOut": words.out },
      style: {
        version: 8,
        sources: {
          land: { type: "geojson", data: new URL(words.land, location).href },
          bows: { type: "geojson", data: { type: "FeatureCollection", features: bows } },
        },
        layers: [
          { id: "sea", type: "background", paint: { "background-color": sea } },
          { id: "land", type: "fill", source: "land", paint: { "fill-color": land } },
          { id: "border", type: "line", source: "land", paint: { "line-color": border, "line-width": 1 } },
          { id: "bows", type: "line", source: "bows", paint: { "line-color": "#b7791f", "line-width": 2.5, "line-dasharray": [3, 2] } },
        ],
      },
    });
  } catch (error) { // no WebGL here
    box.remove();
    throw error;
  }
  map.scrollZoom.disable(); // the wheel moves the page
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  return new Promise((done) => map.once("load", () => {
    for (const mark of drawn.querySelectorAll(".mark")) place(map, mark);
    drawn.setAttribute("visibility", "hidden"); // keeps the room
    done();
  }));
}

function place(map, mark) {
  const link = document.createElement("a");
  link.className = "mark";
  link.href = mark.getAttribute("href");
  link.setAttribute("aria-label", mark.getAttribute("aria-label"));
  const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  picture.setAttribute("viewBox", "-30 -30 60 60");
  picture.setAttribute("width", "60");
  picture.setAttribute("height", "60");
  picture.append(...[...mark.children].map((part) => part.cloneNode(true)));
  link.append(picture);
  new maplibregl.Marker({ element: link }).setLngLat(mark.dataset.at.split(",").map(Number)).addTo(map);
}
