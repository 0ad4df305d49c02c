// Downloads of figures, and their values under the pointer. The page says everything without it and asks for nothing.
(() => {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const stem = location.pathname.split("/").pop().replace(/\.html$/, "") || "figure";
  const style = document.querySelector("style").textContent;

  const save = (name, address) => {
    const link = document.createElement("a");
    link.download = name;
    link.href = address;
    link.click();
  };

  // The figure as a file of its own: as large as it is drawn, with the rules of the page.
  const drawing = (svg) => {
    const copy = svg.cloneNode(true);
    const box = svg.viewBox.baseVal;
    copy.querySelectorAll(".here").forEach((line) => line.remove());
    copy.setAttribute("width", box.width);
    copy.setAttribute("height", box.height);
    const rules = document.createElementNS(SVG, "style");
    rules.textContent = style;
    copy.prepend(rules);
    return "data:image/svg+xml;charset=utf-8," + encodeURIComponent(new XMLSerializer().serializeToString(copy));
  };

  const picture = (svg, name) => {
    const image = new Image();
    const box = svg.viewBox.baseVal;
    const canvas = document.createElement("canvas");
    canvas.width = box.width * 3;
    canvas.height = box.height * 3;
    image.onload = () => {
      const paper = canvas.getContext("2d");
      paper.fillStyle = getComputedStyle(document.body).backgroundColor;
      paper.fillRect(0, 0, canvas.width, canvas.height);
      paper.drawImage(image, 0, 0, canvas.width, canvas.height);
      save(name, canvas.toDataURL("image/png"));
    };
    image.src = drawing(svg);
  };

  // Numbers as programs read them: the sign of a keyboard, and the unit in the head of the column.
  const values = (table) => {
    const rows = [...table.rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
    rows[0].forEach((head, column) => {
      const below = rows.slice(1).map((row) => row[column]);
      if (below.some((cell) => cell.endsWith("%"))) rows[0][column] = head + " (%)";
    });
    const plain = (cell) => {
      let number = cell.replace(/\u2212/g, "-").replace(/[\u202f\u00a0]?%$/, "").replace(/^\+/, "");
      if (!document.documentElement.lang.startsWith("en") && /^-?\d+,\d+$/.test(number)) number = number.replace(",", ".");
      if (/^-?[\d.]+$/.test(number)) return number;
      if (cell === "\u2013") return "";
      return '"' + cell.replace(/^[=+@-]/, "'$&").replace(/"/g, '""') + '"';
    };
    return rows.map((row) => row.map(plain).join(",")).join("\r\n") + "\r\n";
  };

  const button = (figure, kind, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = kind;
    made.setAttribute("aria-label", kind + ": " + figure.querySelector("figcaption").textContent);
    made.onclick = act;
    return made;
  };

  const follow = (figure, svg, table) => {
    const along = svg.dataset.x ? "x" : "y";
    const places = (svg.dataset.x || svg.dataset.y).split(" ").map(Number);
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows];
    const box = svg.viewBox.baseVal;
    const line = document.createElementNS(SVG, "line");
    const tip = document.createElement("p");
    line.setAttribute("class", "here");
    tip.className = "tip";
    tip.setAttribute("aria-hidden", "true");
    const leave = () => { line.remove(); tip.remove(); };
    svg.addEventListener("pointermove", (event) => {
      const area = svg.getBoundingClientRect();
      const share = along === "x" ? (event.clientX - area.left) / area.width : (event.clientY - area.top) / area.height;
      const at = share * (along === "x" ? box.width : box.height);
      const near = places.reduce((best, place, n) => (Math.abs(place - at) < Math.abs(places[best] - at) ? n : best), 0);
      if (!rows[near]) return;
      const ends = along === "x" ? [places[near], 0, places[near], box.height] : [0, places[near], box.width, places[near]];
      ["x1", "y1", "x2", "y2"].forEach((name, n) => line.setAttribute(name, ends[n]));
      tip.textContent = [...rows[near].cells].map((cell, n) => heads[n] + " " + cell.textContent).join(" \u00b7 ");
      svg.append(line);
      svg.after(tip);
    });
    svg.addEventListener("pointerleave", leave);
  };

  document.querySelectorAll("figure").forEach((figure, n) => {
    const svg = figure.querySelector("svg");
    const table = figure.querySelector("table");
    if (!svg) return;
    const name = stem + "-" + (n + 1);
    const row = document.createElement("p");
    row.className = "save";
    row.append(
      button(figure, "SVG", () => save(name + ".svg", drawing(svg))),
      button(figure, "PNG", () => picture(svg, name + ".png")),
    );
    if (table) {
      row.append(button(figure, "CSV", () => save(name + ".csv", "data:text/csv;charset=utf-8," + encodeURIComponent(values(table)))));
      if (svg.dataset.x || svg.dataset.y) follow(figure, svg, table);
    }
    figure.append(row);
  });
})();
