// The page's colours: as the system has them, until the reader says otherwise.
"use strict";
(() => {
  const KEY = "digest-scheme";
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => { try { return localStorage.getItem(KEY); } catch { return null; } };
  const now = () => root.dataset.scheme || (dark.matches ? "dark" : "light");
  const kept = stored();
  if (kept === "dark" || kept === "light") root.dataset.scheme = kept;

  document.addEventListener("DOMContentLoaded", () => {
    const place = document.querySelector(".scheme-place");
    if (!place) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "scheme";
    const show = () => {
      const other = now() === "dark" ? "light" : "dark";
      button.textContent = other === "dark" ? "◐" : "◑";
      button.setAttribute("aria-label", place.dataset[other]);
      button.title = place.dataset[other];
    };
    button.addEventListener("click", () => {
      root.dataset.scheme = now() === "dark" ? "light" : "dark";
      try { localStorage.setItem(KEY, root.dataset.scheme); } catch { /* a private window forgets */ }
      show();
    });
    dark.addEventListener("change", show);
    show();
    place.append(button);
  });
})();
