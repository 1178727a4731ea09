/* Files may be dropped on their field; what is too large is said here, before it is sent. */
"use strict";

for (const zone of document.querySelectorAll(".drop")) {
  const input = zone.querySelector("input");
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, (event) => { event.preventDefault(); zone.classList.add("over"); });
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

for (const form of document.querySelectorAll("form.give")) {
  const said = form.querySelector(".toolarge");
  const limit = Number(form.dataset.limit);
  const weigh = () => {
    const bytes = [...form.querySelectorAll("input[type=file]")].flatMap((input) => [...input.files]).reduce((sum, file) => sum + file.size, 0);
    said.hidden = bytes <= limit;
    return bytes <= limit;
  };
  form.addEventListener("change", weigh);
  form.addEventListener("submit", (event) => { if (!weigh()) event.preventDefault(); });
}

/* What is sent twice, as by a double click, is asked once; who comes back to the page may send it again. */
let sent = new WeakSet();
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method !== "post" || event.target.hasAttribute("hx-post")) return;
  if (sent.has(event.target)) event.preventDefault();
  sent.add(event.target);
});
addEventListener("pageshow", () => { sent = new WeakSet(); });
