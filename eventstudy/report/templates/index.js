// Search, filter, sort and paging of the index. Without it the table and the links below it hold every announcement.
(() => {
  "use strict";
  const box = document.querySelector(".find");
  if (!box) return;
  const PER_PAGE = 100;
  const body = document.querySelector("table.events tbody");
  const turn = document.querySelector("nav.turn");
  const [words, verdict, sort] = ["input", "[name=verdict]", "[name=sort]"].map((name) => box.querySelector(name));
  const status = box.querySelector("[role=status]");
  const first = [...body.rows];
  const files = Number(box.dataset.files);
  const ranks = [...verdict.options].map((option) => option.value);
  const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const entry = (day, title, kind, said, row) =>
    ({ day, title, kind, row, rank: ranks.indexOf(kind), text: plain(title + " " + day + " " + said) });
  let found = [];
  let page = 0;
  let all = null;

  const line = ([id, , date, title, kind, said]) => () => {
    const row = document.createElement("tr");
    const cell = (name, css, text) => {
      const made = document.createElement(name);
      if (css) made.className = css;
      made.textContent = text;
      row.append(made);
      return made;
    };
    cell("td", "date", date);
    const head = cell("th", "", "");
    head.scope = "row";
    const name = document.createElement("bdi");
    name.textContent = title;
    if (id) {
      const link = document.createElement("a");
      link.href = id + ".html";
      link.append(name);
      head.append(link);
    } else head.append(name);
    const option = verdict.options[ranks.indexOf(kind)];
    const mark = document.createElement("span");
    mark.className = "mark";
    mark.setAttribute("aria-hidden", "true");
    mark.textContent = option.dataset.mark;
    cell("td", "wrap whole", option.dataset.word).prepend(mark);
    cell("td", "wrap whole", said);
    return row;
  };

  const say = (shown) => {
    status.textContent = shown.replace("{n}", found.length.toLocaleString("en")).replace("{total}", Number(box.dataset.total).toLocaleString("en"));
  };

  const ways = {
    newest: (a, b) => (a.day < b.day ? 1 : a.day > b.day ? -1 : 0),
    oldest: (a, b) => (a.day > b.day ? 1 : a.day < b.day ? -1 : 0),
    clearest: (a, b) => a.rank - b.rank || ways.newest(a, b),
    title: (a, b) => a.title.localeCompare(b.title),
  };

  const button = (text, act, off) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.disabled = off;
    made.onclick = act;
    return made;
  };

  const show = () => {
    const last = Math.max(Math.ceil(found.length / PER_PAGE) - 1, 0);
    page = Math.min(page, last);
    body.replaceChildren(...found.slice(page * PER_PAGE, (page + 1) * PER_PAGE).map((item) => item.row()));
    pager.replaceChildren();
    pager.hidden = last === 0;
    if (last) {
      pager.append(
        button("\u2190", () => { page -= 1; show(); }, page === 0),
        document.createTextNode(" " + (page + 1) + " / " + (last + 1) + " "),
        button("\u2192", () => { page += 1; show(); }, page === last),
      );
    }
    say(box.dataset.found);
  };

  const pager = document.createElement("p");
  pager.className = "pager screen";
  pager.hidden = true;
  document.querySelector("table.events").parentElement.after(pager);

  const choose = () => {
    const wanted = plain(words.value).split(/\s+/).filter(Boolean);
    found = all
      .filter((item) => (!verdict.value || item.kind === verdict.value) && wanted.every((word) => item.text.includes(word)))
      .sort(ways[sort.value]);
    if (turn) turn.hidden = true;
    page = 0;
    show();
  };

  // The events beyond this page are in files beside it, read when somebody first asks for them.
  const load = () => {
    const items = [];
    let left = files;
    window.addEvents = (rows) => rows.forEach((row) => items.push(entry(row[1], row[3], row[4], row[5], line(row))));
    return new Promise((done, fail) => {
      for (let n = 1; n <= files; n += 1) {
        const script = document.createElement("script");
        script.src = "index/events-" + n + ".js";
        script.onload = () => { left -= 1; if (!left) done(items); };
        script.onerror = fail;
        document.head.append(script);
      }
    });
  };

  let loading = null;
  const act = () => {
    if (all) { choose(); return; }
    say(box.dataset.loading);
    loading = loading || load();
    loading.then((items) => { all = items; choose(); }, () => say(box.dataset.failed));
  };

  if (!files) {
    all = first.map((row) => {
      const [, title, , said] = [...row.cells].map((cell) => cell.textContent.trim());
      return entry(row.dataset.day, title, row.dataset.verdict, said, () => row);
    });
  }
  let wait = 0;
  words.addEventListener("input", () => { clearTimeout(wait); wait = setTimeout(act, 120); });
  verdict.addEventListener("change", act);
  sort.addEventListener("change", act);
  box.hidden = false;
})();
