// A reader's own stars: kept in this browser alone, they order an issue's list and can be saved as picks.
"use strict";
(() => {
  const KEY = "digest-stars";
  const NEAREST = 3; // stars that a paper is held against
  const top = document.body.dataset.top;
  const read = () => {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY) || "[]");
      return Array.isArray(kept) ? kept.filter((one) => one && typeof one.id === "string") : [];
    } catch { return []; }
  };
  let stars = read();
  const keep = () => { try { localStorage.setItem(KEY, JSON.stringify(stars)); } catch { /* kept until the page is left */ } };
  const starOf = (id) => stars.find((one) => one.id === id);

  // Vectors come as int8; dividing by their length makes a product of two a cosine.
  const unit = (text) => {
    const bytes = Int8Array.from(atob(text), (char) => char.charCodeAt(0));
    const length = Math.hypot(...bytes) || 1;
    return Float32Array.from(bytes, (value) => value / length);
  };
  const cosine = (a, b) => (a.length === b.length ? a.reduce((sum, value, at) => sum + value * b[at], 0) : 0);
  const files = new Map();
  const vectorsOf = (month) => {
    if (!files.has(month)) {
      files.set(month, fetch(`${top}${month}/near.json`).then((reply) => {
        if (!reply.ok) throw new Error(reply.statusText);
        return reply.json();
      }).catch(() => { files.delete(month); return {}; }));
    }
    return files.get(month);
  };

  const buttons = [...document.querySelectorAll("button.keep")];
  const panel = document.querySelector(".yours");
  const list = panel?.parentElement;
  const entries = list ? [...list.querySelectorAll(":scope > .entry")] : [];

  const show = () => {
    for (const button of buttons) {
      const isOn = Boolean(starOf(button.dataset.id));
      button.setAttribute("aria-pressed", String(isOn));
      button.firstElementChild.textContent = isOn ? "★" : "☆";
    }
    if (!panel) return;
    const { one, many, none } = panel.dataset;
    const said = stars.length === 1 ? one : many.replace("{n}", stars.length);
    panel.querySelector(".yours-count").textContent = stars.length ? said : none;
    for (const button of panel.querySelectorAll("button")) button.disabled = !stars.length;
  };

  const titleOf = (button) => (button.closest("article").querySelector("h3 a, h1") || button).textContent.replace("★", "").trim();
  const toggle = async (button) => {
    const { id, month } = button.dataset;
    if (starOf(id)) stars = stars.filter((one) => one.id !== id);
    else stars = [...stars, { id, title: button.dataset.title || titleOf(button), picked: new Date().toISOString().slice(0, 10) }];
    keep();
    show();
    const vector = (await vectorsOf(month))[id];
    const star = starOf(id);
    if (star && vector) { star.vector = vector; keep(); }
  };
  for (const button of buttons) button.addEventListener("click", () => toggle(button));

  const unsort = () => {
    for (const line of list.querySelectorAll(".near")) line.remove();
    list.append(...entries);
  };
  const sort = async () => {
    const vectors = await vectorsOf(panel.dataset.month);
    for (const star of stars) star.vector ??= vectors[star.id]; // the page was left before it came
    const known = stars.filter((star) => star.vector).map((star) => ({ ...star, unit: unit(star.vector) }));
    const scored = entries.map((entry) => {
      const { id } = entry.querySelector("button.keep").dataset;
      const own = vectors[id] && unit(vectors[id]);
      const near = own ? known.filter((star) => star.id !== id).map((star) => [cosine(own, star.unit), star]).sort((a, b) => b[0] - a[0]) : [];
      const best = near.slice(0, NEAREST);
      const score = best.length ? best.reduce((sum, [value]) => sum + value, 0) / best.length : -1;
      return { entry, isStarred: Boolean(starOf(id)), score, nearest: near[0] };
    });
    unsort();
    scored.sort((a, b) => b.isStarred - a.isStarred || b.score - a.score);
    for (const { entry, isStarred, nearest } of scored) {
      if (nearest || isStarred) {
        const line = document.createElement("p");
        line.className = "near";
        line.textContent = isStarred ? panel.dataset.own : panel.dataset.why.replace("{title}", nearest[1].title).replace("{score}", nearest[0].toFixed(2));
        entry.querySelector(".summary").after(line);
      }
      list.append(entry);
    }
  };
  const save = () => {
    const lines = stars.map(({ id, title, picked }) => `${JSON.stringify({ id, title, picked })}\n`);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(lines, { type: "application/x-ndjson" }));
    link.download = "picks.jsonl";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  if (panel) {
    const order = panel.querySelector("[data-do=order]");
    const isOrdered = () => order.getAttribute("aria-pressed") === "true";
    order.addEventListener("click", async () => {
      order.setAttribute("aria-pressed", String(!isOrdered()));
      if (isOrdered()) await sort(); else unsort();
    });
    panel.querySelector("[data-do=save]").addEventListener("click", save);
    panel.querySelector("[data-do=clear]").addEventListener("click", () => {
      stars = [];
      keep();
      if (isOrdered()) { order.setAttribute("aria-pressed", "false"); unsort(); }
      show();
      panel.querySelector(".yours-count").focus();
    });
  }
  addEventListener("storage", (event) => { if (event.key === KEY) { stars = read(); show(); } });
  show();
})();
