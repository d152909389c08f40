// Moves the point in time without leaving the page: sliders, arrow keys, and news of what was appended.
"use strict";

const DAY = 86400000;
const dayOf = (text) => Math.round(Date.parse(`${text}T00:00:00Z`) / DAY);
const textOf = (day) => new Date(day * DAY).toISOString().slice(0, 10);
let asked = 0;

async function look(url, { push = true, keep = "" } = {}) {
  const turn = ++asked;
  const main = document.querySelector("main");
  main.classList.add("asking");
  const answer = await fetch(url, { headers: { accept: "text/html" } }).catch(() => null);
  if (turn !== asked) return;
  if (!answer) { location.assign(url); return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (turn !== asked) return;
  const open = [...main.querySelectorAll("details[open]")].map((one) => one.innerText.split("\n")[0]);
  const fresh = page.querySelector("main");
  keepGraph(main, fresh);
  main.replaceWith(fresh);
  document.querySelector("header").replaceWith(page.querySelector("header"));
  document.title = page.title;
  if (push) history.pushState({}, "", url);
  settle();
  for (const one of document.querySelectorAll("details")) {
    if (open.includes(one.innerText.split("\n")[0])) one.open = true;
  }
  if (keep) document.querySelector(`input[type=range][name="${keep}"]`)?.focus();
}

// The graph stays in its place, so that its lines come and go, rather than being drawn anew.
function keepGraph(main, fresh) {
  const [old, next] = [main, fresh].map((one) => one.querySelector(".graph svg"));
  if (!old || !next) return;
  const ties = new Map([...old.querySelectorAll(".tie")].map((one) => [one.id, one]));
  const there = [...next.querySelectorAll(".tie")];
  if (there.length !== ties.size || !there.every((one) => ties.has(one.id))) return;
  requestAnimationFrame(() => requestAnimationFrame(() => {
    for (const one of there) {
      const line = ties.get(one.id);
      line.setAttribute("class", one.getAttribute("class"));
      line.setAttribute("href", one.getAttribute("href"));
      line.querySelector("title").textContent = one.querySelector("title").textContent;
      line.querySelector("line").setAttribute("stroke-width", one.querySelector("line").getAttribute("stroke-width") ?? 1);
    }
  }));
  const names = [...next.querySelectorAll("a:not(.tie)")];
  [...old.querySelectorAll("a:not(.tie)")].forEach((one, place) => one.replaceWith(names[place]));
  next.replaceWith(old);
}

let playing = false;
function play() {
  if (!playing) return;
  const next = document.querySelector('a[data-key="ArrowRight"]');
  if (!next) { playing = false; settlePlay(); return; }
  look(next.href).then(() => setTimeout(play, 900));
}

function settlePlay() {
  const steps = document.querySelector("nav.steps");
  if (!steps) return;
  const button = steps.querySelector("button") ?? steps.appendChild(document.createElement("button"));
  button.type = "button";
  button.textContent = playing ? "Stop" : "Play";
  button.setAttribute("aria-pressed", String(playing));
  button.onclick = () => { playing = !playing; settlePlay(); play(); };
}

function settle() {
  settlePlay();
  for (const slider of document.querySelectorAll("input[type=range][data-days]")) {
    const days = slider.dataset.days.split(" ").map(dayOf);
    const now = dayOf(slider.dataset.now);
    const first = Math.min(...days, now) - 30;
    const last = Math.max(...days, Math.min(now, Math.max(...days) + 365)) + 30;
    slider.min = first; slider.max = last; slider.step = 1;
    slider.value = Math.min(Math.max(now, first), last);
    const list = document.createElement("datalist");
    list.id = `days-${slider.name}`;
    for (const day of days) {
      const option = document.createElement("option");
      option.value = day;
      option.label = textOf(day);
      list.append(option);
    }
    slider.setAttribute("list", list.id);
    const shown = document.createElement("output");
    shown.textContent = textOf(slider.value);
    slider.setAttribute("aria-valuetext", shown.textContent);
    slider.after(list, shown);
    slider.hidden = false;
    let waiting = 0;
    slider.addEventListener("input", () => {
      shown.textContent = textOf(slider.value);
      slider.setAttribute("aria-valuetext", shown.textContent);
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const url = new URL(location.href);
        url.searchParams.set(slider.name, textOf(slider.value));
        look(url, { keep: slider.name });
      }, 120);
    });
  }
}

let reading = 0;
document.addEventListener("input", ({ target }) => {
  if (!target.dataset?.read) return;
  clearTimeout(reading);
  reading = setTimeout(async () => {
    const answer = await fetch(`${target.dataset.read}?format=json&date=${encodeURIComponent(target.value)}`).catch(() => null);
    if (!answer?.ok) return;
    const told = await answer.json();
    const bounds = told.problem ?? `${told.words}: from ${told.earliest ?? "whenever"} to ${told.latest ?? "whenever"}`;
    document.getElementById(target.getAttribute("aria-describedby")).textContent = bounds;
  }, 200);
});

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea")) return;
  const link = document.querySelector(`a[data-key="${event.key}"]`);
  if (!link) return;
  event.preventDefault();
  look(link.href);
});

addEventListener("popstate", () => look(location.href, { push: false }));

function listen() {
  const news = new EventSource(document.body.dataset.live);
  let first = null;
  news.addEventListener("head", (event) => {
    const { position } = JSON.parse(event.data);
    if (first === null) { first = position; return; }
    if (position <= first) return;
    const place = document.getElementById("news");
    const button = document.createElement("button");
    button.textContent = `${position - first} new record${position - first === 1 ? "" : "s"}: show`;
    button.addEventListener("click", () => { first = position; place.replaceChildren(); look(location.href, { push: false }); });
    place.replaceChildren(button);
  });
  addEventListener("pagehide", () => news.close());
}

settle();
if ("EventSource" in window) listen();
