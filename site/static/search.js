// Find the listed papers by word and by meaning, from the files in search/ (digest/publish/finder.py writes them).
"use strict";
(() => {
  const place = document.querySelector("[data-finder]");
  if (!place) return;
  const say = place.dataset; // the page's language
  const root = place.dataset.top; // leads to the root of the site
  const form = place.querySelector("form");
  const input = form.elements.q;
  const meaning = form.elements.meaning;
  const status = place.querySelector("[role=status]");
  const list = place.querySelector("ol");
  const more = place.querySelector(".more");

  const SHOWN = 20, RANKED = 100, LONGEST = 400, MOST_WORDS = 24, SMALL = 24;
  const RRF = 10; // as in digest/search/fuse.py
  const CLOSE = 0.3, OF_BEST = 0.6; // a paper may be meant that is so close to the query, and so close beside the closest
  const STOP = new Set(("an the of for in on to and or with by from at as is are be this that we our it its can which using use via "
    + "not than more has have been their these such into also how").split(" "));

  // --- files, each fetched once ---------------------------------------------------------------------------

  const kept = new Map();
  const fetched = (name, kind) => {
    if (!kept.has(name)) {
      const coming = fetch(`${root}search/${name}`).then((reply) => {
        if (!reply.ok) throw new Error(`${name}: ${reply.status}`);
        return reply[kind]();
      });
      coming.catch(() => kept.delete(name)); // the next search tries again
      kept.set(name, coming);
    }
    return kept.get(name);
  };
  const catalogue = () => fetched("catalogue.json", "json");
  const papersOf = (month) => fetched(`papers/${month}.json`, "json");

  // --- the query ------------------------------------------------------------------------------------------

  const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const wordsOf = (text) => (folded(text).match(/[a-z0-9]{2,}/g) || []).filter((word) => !STOP.has(word));

  const parse = (text) => {
    const query = { words: [], phrases: [], without: [], filters: [], id: "" };
    const id = text.trim().match(/^(?:arxiv:)?(\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?\/\d{7})(?:v\d+)?$/i);
    if (id) return { ...query, id: id[1].toLowerCase() };
    for (const [, minus, field, phrase, word] of text.slice(0, LONGEST).matchAll(/(-?)(?:(author|cat|tag|since|until):)?(?:"([^"]*)"|([^\s"]+))/gi)) {
      const value = phrase ?? word;
      if (field) query.filters.push({ field: field.toLowerCase(), value: folded(value).trim(), minus: Boolean(minus) });
      else if (minus) query.without.push(folded(value).trim());
      else {
        query.words.push(...wordsOf(value));
        if (phrase && phrase.trim()) query.phrases.push(wordsOf(phrase));
      }
    }
    query.words = [...new Set(query.words)].slice(0, MOST_WORDS);
    return query;
  };

  // --- by word --------------------------------------------------------------------------------------------

  const stem = (word) => {
    const cut = word.replace(/(?:ing|ed|es|s)$/, "");
    return cut.length >= 4 ? cut : word;
  };

  const termsLike = async (word) => {
    const start = stem(word);
    const shards = (await catalogue()).terms.filter((shard) => shard.startsWith(start) || start.startsWith(shard));
    const files = await Promise.all(shards.map((shard) => fetched(`terms/${shard || "_"}.json`, "json")));
    const weight = (term) => (term === word ? 1 : term.startsWith(word) ? 0.8 : term.length - start.length <= 5 ? 0.6 : 0);
    return files.flatMap((file) => Object.keys(file).filter((term) => term.startsWith(start) && weight(term))
      .map((term) => ({ term, papers: file[term], weight: weight(term) })));
  };

  // For each paper that has some of the words: its score, and which it has.
  const byWord = async (words) => {
    const found = new Map();
    for (const terms of await Promise.all(words.map(termsLike))) {
      const best = new Map();
      for (const { term, papers, weight } of terms) {
        for (let n = 0, number = 0; n < papers.length; n += 2) {
          number += papers[n];
          const score = papers[n + 1] * weight;
          if (!(best.get(number)?.score >= score)) best.set(number, { score, term });
        }
      }
      for (const [number, { score, term }] of best) {
        const hit = found.get(number) || { score: 0, terms: [] };
        hit.score += score;
        hit.terms.push(term);
        found.set(number, hit);
      }
    }
    return found;
  };

  // --- by meaning -----------------------------------------------------------------------------------------

  const table = async (dims) => {
    const [words, bytes] = await Promise.all([fetched("words.json", "json"), fetched("words.bin", "arrayBuffer")]);
    if (!kept.has("table")) {
      const scales = new Float32Array(bytes, 0, words.length);
      const rows = new Int8Array(bytes, words.length * 4);
      kept.set("table", { place: new Map(words.map((word, n) => [word, n])), scales, rows, dims });
    }
    return kept.get("table");
  };

  const directionOf = ({ place, scales, rows, dims }, words) => {
    const whole = new Float32Array(dims);
    const known = words.map((word) => place.get(word)).filter((n) => n !== undefined);
    for (const n of known) for (let d = 0; d < dims; d++) whole[d] += rows[n * dims + d] * scales[n];
    const length = Math.hypot(...whole);
    return length ? whole.map((value) => value / length) : null;
  };

  // The closeness of every paper to the words, -1 to 1; null where none of the words is known.
  const byMeaning = async (words) => {
    const { meaning: told, months } = await catalogue();
    const direction = directionOf(await table(told.dims), words);
    if (!direction) return null;
    const files = await Promise.all(months.map(([month]) => fetched(`vectors/${month}.bin`, "arrayBuffer")));
    return files.flatMap((file) => {
      const vectors = new Int8Array(file), closeness = [];
      for (let start = 0; start < vectors.length; start += told.dims) {
        let along = 0, square = 0;
        for (let d = 0; d < told.dims; d++) {
          const value = vectors[start + d];
          along += value * direction[d];
          square += value * value;
        }
        closeness.push(square ? along / Math.sqrt(square) : -1);
      }
      return closeness;
    });
  };

  // --- both, fused by rank --------------------------------------------------------------------------------

  const isWanted = (paper, { filters, phrases, without }) => {
    const text = ` ${wordsOf(`${paper.title} ${paper.text}`).join(" ")} `;
    const has = { author: paper.authors, cat: paper.cats.map(folded), tag: paper.tags };
    return phrases.every((phrase) => !phrase.length || text.includes(` ${phrase.join(" ")} `))
      && without.every((word) => !folded(`${paper.title} ${paper.text}`).includes(word))
      && filters.every(({ field, value, minus }) => {
        if (field === "since" || field === "until") return field === "since" ? paper.day >= value : paper.day.slice(0, value.length) <= value;
        const values = has[field];
        const is = field === "author" ? wordsOf(value).every((word) => values.split(" ").some((name) => name.startsWith(word)))
          : values.some((one) => one === value || one.startsWith(`${value}.`));
        return is !== minus;
      });
  };

  const ranked = (scores) => [...scores].sort((a, b) => b[1] - a[1] || b[0] - a[0]).map(([number]) => number);

  const paperAt = async (number) => {
    let first = 0;
    for (const [month, count] of (await catalogue()).months) {
      if (number < first + count) return (await papersOf(month))[number - first];
      first += count;
    }
    return undefined;
  };

  const everyPaper = async () => {
    const months = await Promise.all((await catalogue()).months.map(([month]) => papersOf(month)));
    return months.flat();
  };

  const search = async (query) => {
    if (query.id) {
      const papers = await everyPaper();
      return papers.flatMap((paper, number) => (paper.id.toLowerCase() === query.id ? [{ number, terms: [], close: null }] : []));
    }
    const words = query.words.length ? await byWord(query.words) : new Map();
    const close = place.dataset.ready && meaning.checked && query.words.length ? await byMeaning(query.words) : null;
    const lists = [ranked([...words].map(([number, hit]) => [number, hit.score]))];
    const least = close ? Math.max(CLOSE, OF_BEST * close.reduce((best, value) => Math.max(best, value), 0)) : 0;
    if (close) lists.push(ranked([...close.entries()].filter(([, value]) => value >= least)));
    const isFiltered = query.filters.length || query.phrases.length || query.without.length;
    if (isFiltered) {
      const papers = await everyPaper();
      if (!query.words.length) lists.push(papers.map((_, number) => number).reverse()); // newest first
      lists.forEach((numbers, n) => { lists[n] = numbers.filter((number) => isWanted(papers[number], query)); });
    }
    const fused = new Map();
    for (const numbers of lists) {
      numbers.slice(0, RANKED).forEach((number, rank) => fused.set(number, (fused.get(number) || 0) + 1 / (RRF + rank + 1)));
    }
    return ranked(fused).map((number) => ({ number, terms: words.get(number)?.terms || [], close: close ? close[number] : null }));
  };

  // --- the page -------------------------------------------------------------------------------------------

  const made = (name, text, ...inside) => {
    const element = document.createElement(name);
    element.append(...(text ? [text] : []), ...inside);
    return element;
  };

  // A line of facts, set as on the other pages.
  const line = (...facts) => {
    const row = made("p", "", ...facts.filter(Boolean).map((fact) => made("span", fact)));
    row.className = "source";
    return row;
  };

  // "2024-04-11", or "2024-04" where arXiv's id alone tells the month.
  const dayOf = ({ day: told }) => {
    const [year, month, day] = told.split("-").map(Number);
    const locale = document.documentElement.lang.replace(/^en$/, "en-GB");
    return new Date(Date.UTC(year, month - 1, day || 1)).toLocaleDateString(locale, { year: "numeric", month: "short", day: day && "numeric", timeZone: "UTC" });
  };

  const shown = (paper, { terms, close }) => {
    const link = made("a", paper.title);
    link.href = root + paper.to;
    link.lang = "en";
    const why = [terms.length ? `${say.words}: ${terms.join(", ")}` : "", close >= CLOSE ? `${say.close} ${close.toFixed(2)}` : ""];
    const text = made("p", paper.text);
    text.lang = "en";
    return made("li", "", made("h2", "", link), line(paper.by, dayOf(paper), paper.gone ? say.gone : ""), text, line(...why));
  };

  // Words are found at once; what finding by meaning needs (1.4 MB) comes behind the first answer, and only if wanted.
  const isLoadedNow = async () => {
    const { meaning: told, months } = await catalogue();
    if (!told || !meaning.checked || place.dataset.ready) return false;
    await Promise.all([table(told.dims), ...months.map(([month]) => fetched(`vectors/${month}.bin`, "arrayBuffer"))]);
    place.dataset.ready = "yes";
    return true;
  };

  let turn = 0;
  const find = async (limit = SHOWN) => {
    const mine = ++turn;
    const text = input.value.trim();
    const address = new URL(location.href);
    if (text) address.searchParams.set("q", text); else address.searchParams.delete("q");
    history.replaceState(null, "", address);
    if (!text) { list.replaceChildren(); status.textContent = ""; more.hidden = true; return; }
    try {
      const hits = await search(parse(text));
      const items = await Promise.all(hits.slice(0, limit).map(async (hit) => shown(await paperAt(hit.number), hit)));
      if (mine !== turn) return; // another search was begun meanwhile
      list.replaceChildren(...items);
      status.textContent = hits.length ? (hits.length === 1 ? say.one : say.many.replace("{n}", hits.length)) : say.none;
      more.hidden = hits.length <= limit;
      more.onclick = () => find(limit + SHOWN);
      // Now by meaning too; but a list that the reader is walking through does not change under his hands.
      if (await isLoadedNow() && mine === turn && !list.contains(document.activeElement)) await find(limit);
    } catch {
      if (mine === turn) status.textContent = say.failed;
    }
  };

  let waiting = 0;
  const soon = () => { clearTimeout(waiting); waiting = setTimeout(find, 120); };
  form.addEventListener("submit", (event) => { event.preventDefault(); find(); });
  input.addEventListener("input", soon);
  meaning.addEventListener("change", () => find());
  meaning.checked = !navigator.connection?.saveData;
  // A small magazine comes whole while the reader types, so that it can be searched when the network is gone.
  const fetchAhead = async () => {
    const { meaning: told, months, terms } = await catalogue();
    meaning.closest("label").hidden = !told;
    if (terms.length + months.length > SMALL) return;
    await Promise.all([...terms.map((shard) => fetched(`terms/${shard || "_"}.json`, "json")), ...months.map(([month]) => papersOf(month))]);
  };
  input.addEventListener("focus", () => fetchAhead().catch(() => {}), { once: true }); // the search itself says what failed
  place.hidden = false;
  input.value = new URL(location.href).searchParams.get("q") || "";
  input.focus({ preventScroll: true });
  if (input.value) find();
})();
