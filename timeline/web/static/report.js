// Shows what stands at any two days: each field has patches, and of these the one that covers both days.
"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const DAY = 86400000;
const AXES = ["valid", "known"];
const byId = (id) => document.getElementById(id);
const textOf = (day) => new Date(day * DAY).toISOString().slice(0, 10);
const dayOf = (text) => { const found = Date.parse(`${text}T00:00:00Z`) / DAY; return Number.isInteger(found) ? found : null; };
const made = (name, text, looks = "") => { const one = document.createElement(name); one.textContent = text; one.className = looks; return one; };
let pair = data.pair.slice();
let playing = 0;

function placeOf(days, day) {
  let low = 0, high = days.length;
  while (low < high) { const middle = (low + high) >> 1; if (days[middle] <= day) low = middle + 1; else high = middle; }
  return low;
}

function covering(patches, [valid, known]) {
  const found = patches.find(([a, b, c, d]) => a <= valid && valid < b && c <= known && known < d);
  return data.said[found[4]];
}

function marks(into, word, tone, positions) {
  if (!positions.length) return;
  if (word) into.append(made("span", word, tone), " ");
  for (const one of positions) {
    const link = made("a", data.labels[one], "mark");
    link.href = `#r${one}`;
    into.append(link, " ");
  }
}

function show() {
  const places = pair.map((day, axis) => placeOf(data.days[axis], day));
  data.states.forEach(([names, ...fields], number) => {
    const section = byId(`s${number}`);
    section.querySelector("h3 span").textContent = covering(names, places)[0].join(" – ");
    const answers = section.querySelectorAll("dd");
    let empty = true;
    fields.forEach((patches, place) => {
      const [lines, because, unsettled, contested] = covering(patches, places);
      const answer = answers[place];
      const behind = made("p", "", "marks");
      marks(behind, "", "", because);
      marks(behind, "unsettled by", "doubt", unsettled);
      marks(behind, "contested by", "contest", contested);
      answer.replaceChildren(...lines.map((line) => made("p", line)), behind);
      answer.hidden = answer.previousElementSibling.hidden = !because.length && !unsettled.length;
      empty &&= answer.hidden;
    });
    section.classList.toggle("empty", empty);
  });
  for (const [id, runs] of Object.entries(data.rows)) {
    const row = byId(id);
    const run = runs.find(([a, b]) => a <= places[1] && places[1] < b);
    row.hidden = !run;
    if (!run) continue;
    row.querySelectorAll("[data-slot]").forEach((slot, place) => { slot.textContent = run[2][place]; });
    if (row.matches("li")) row.classList.toggle("gone", run[2][0] !== "");
  }
  AXES.forEach((axis, place) => {
    byId(axis).value = textOf(pair[place]);
    byId(`${axis}-slider`).value = pair[place];
    byId(`${axis}-slider`).setAttribute("aria-valuetext", textOf(pair[place]));
    byId(["as-of", "as-known"][place]).textContent = textOf(pair[place]);
  });
}

function move(axis, day, { keep = true } = {}) {
  if (day === null) return;
  pair[axis] = day;
  show();
  if (keep) history.replaceState(null, "", `#as_of=${textOf(pair[0])}&known=${textOf(pair[1])}`);
}

function step(axis, by) {
  const days = data.days[axis];
  const place = placeOf(days, pair[axis]);
  const next = by > 0 ? days[place] : days[place - (days[place - 1] === pair[axis] ? 2 : 1)];
  if (next !== undefined) move(axis, next);
  return next !== undefined;
}

function play(on) {
  clearInterval(playing);
  playing = on ? setInterval(() => { if (!step(0, 1)) play(false); }, 900) : 0;
  byId("play").textContent = on ? "Stop" : "Play";
  byId("play").setAttribute("aria-pressed", String(on));
}

function fromAddress() {
  const asked = new URLSearchParams(location.hash.slice(1));
  if (!asked.has("as_of") && !asked.has("known")) return;
  pair = [dayOf(asked.get("as_of")) ?? pair[0], dayOf(asked.get("known")) ?? pair[1]];
  show();
}

AXES.forEach((name, axis) => {
  const slider = byId(`${name}-slider`);
  const days = [...data.days[axis], data.pair[axis]];
  slider.min = Math.min(...days) - 30;
  slider.max = Math.max(...days) + 30;
  byId(`${name}-days`).append(...data.days[axis].map((day) => { const one = made("option", ""); one.value = day; return one; }));
  slider.addEventListener("input", () => move(axis, Number(slider.value)));
  byId(name).addEventListener("change", () => move(axis, dayOf(byId(name).value)));
});
for (const button of document.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => step(AXES.indexOf(button.dataset.step), Number(button.dataset.by)));
}
byId("play").addEventListener("click", () => play(!playing));
addEventListener("hashchange", fromAddress);
document.querySelector(".both").hidden = false;
show();
fromAddress();
