"use strict";
// An ordering question by taps: each option tapped takes the next place, tapped again it gives it back. Without this script the
// question is a list of menus, which stay what is sent.
for (const box of document.querySelectorAll("[data-order]")) {
  const menus = [...box.querySelectorAll("select")], chosen = [];
  const list = document.createElement("ol");
  list.className = "tap-order";
  const buttons = [...menus[0].options].slice(1).map((option) => {
    const button = document.createElement("button"), place = document.createElement("b");
    button.type = "button";
    button.className = "option";
    button.append(place, option.text.replace(/^[A-H]\. /, ""));
    button.onclick = () => {
      const at = chosen.indexOf(option.value);
      if (at >= 0) chosen.splice(at, 1); else chosen.push(option.value);
      show();
    };
    const row = document.createElement("li");
    row.append(button);
    list.append(row);
    return { button, place, value: option.value };
  });
  function show() {
    menus.forEach((menu, k) => { menu.value = chosen[k] ?? ""; });
    for (const { button, place, value } of buttons) {
      const at = chosen.indexOf(value);
      place.textContent = at < 0 ? "" : String(at + 1);
      button.setAttribute("aria-pressed", String(at >= 0));
    }
  }
  for (const row of box.querySelectorAll(".place, .choices")) row.hidden = true;
  box.prepend(list);
  show();
}
