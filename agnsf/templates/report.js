"use strict";
(() => {
  const place = document.getElementById("galaxies-data");
  if (!place) return;
  const data = JSON.parse(place.textContent);
  const PER_PAGE = 50;
  const FIRST = 2; // a row is: name, link, then a value for each column
  const names = data.columns.map((column) => column.name);
  const body = document.querySelector("#galaxy-table tbody");
  const head = document.querySelector("#galaxy-table thead tr");
  const status = document.getElementById("galaxy-status");
  const search = document.getElementById("galaxy-search");
  const filters = [...document.querySelectorAll("select[data-column]")];
  const [before, after] = ["galaxy-before", "galaxy-after"].map((id) => document.getElementById(id));
  const order = { column: -1, down: false };
  let rows = data.rows.map((row, index) => ({ row, index }));
  let page = 0;

  const make = (tag, text, name) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (name) element.className = name;
    return element;
  };

  const shown = (value, numeric) => {
    if (value === null) return "–";
    return numeric && !Number.isInteger(value) ? value.toFixed(3) : String(value);
  };

  const cell = (value, column) => {
    const text = shown(value, column.numeric);
    const element = make("td", text, column.numeric ? "n" : "");
    if (["AGN", "SF"].includes(text)) element.classList.add(text.toLowerCase());
    if (text === "wrong") element.classList.add("wrong");
    return element;
  };

  const line = ({ row, index }) => {
    const tr = make("tr");
    if (data.pictures) {
      const td = make("td");
      const url = data.pictures[index];
      if (url) {
        const image = make("img");
        image.src = url;
        image.alt = "Cutout of " + row[0];
        image.width = image.height = 56;
        td.append(image);
      } else {
        td.textContent = "–";
      }
      tr.append(td);
    }
    const th = make("th");
    th.scope = "row";
    if (row[1].startsWith("https://")) {
      const link = make("a", row[0]);
      link.href = row[1];
      link.rel = "noopener noreferrer";
      th.append(link);
    } else {
      th.textContent = row[0];
    }
    tr.append(th);
    data.columns.forEach((column, i) => tr.append(cell(row[FIRST + i], column)));
    return tr;
  };

  const compare = (one, two) => {
    if (order.column < 0) return one.index - two.index;
    const [a, b] = [one.row[order.column], two.row[order.column]];
    if (a === b) return one.index - two.index;
    if (a === null) return 1; // what is missing stays at the end
    if (b === null) return -1;
    const sign = typeof a === "number" ? a - b : a.localeCompare(b, "en", { numeric: true });
    return order.down ? -sign : sign;
  };

  const draw = () => {
    const pages = Math.max(1, Math.ceil(rows.length / PER_PAGE));
    page = Math.min(page, pages - 1);
    const start = page * PER_PAGE;
    body.replaceChildren(...rows.slice(start, start + PER_PAGE).map(line));
    status.textContent = rows.length
      ? `Galaxies ${start + 1} to ${Math.min(start + PER_PAGE, rows.length)} of ${rows.length}`
      : "No galaxy fits the filters";
    // Not "disabled": that would throw the keyboard off the button that was just pressed.
    before.setAttribute("aria-disabled", String(page === 0));
    after.setAttribute("aria-disabled", String(page >= pages - 1));
  };

  const choose = () => {
    const text = search.value.trim().toLowerCase();
    const wanted = filters.filter((one) => one.value).map((one) => [FIRST + names.indexOf(one.dataset.column), one.value]);
    rows = data.rows
      .map((row, index) => ({ row, index }))
      .filter(({ row }) => !text || row[0].toLowerCase().includes(text))
      .filter(({ row }) => wanted.every(([column, value]) => (row[column] ?? "none") === value))
      .sort(compare);
    page = 0;
    draw();
  };

  const sortBy = (column, header) => {
    order.down = order.column === column ? !order.down : false;
    order.column = column;
    for (const th of head.children) th.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    choose();
  };

  if (data.pictures) head.append(make("th", "image"));
  [["galaxy", 0, false], ...data.columns.map((column, i) => [column.name, FIRST + i, column.numeric])].forEach(
    ([name, column, numeric]) => {
      const th = make("th", undefined, numeric ? "n" : "");
      th.scope = "col";
      const button = make("button", name);
      button.type = "button";
      button.addEventListener("click", () => sortBy(column, th));
      th.append(button);
      head.append(th);
    },
  );
  for (const select of filters) {
    const column = FIRST + names.indexOf(select.dataset.column);
    const values = [...new Set(data.rows.map((row) => row[column] ?? "none"))].sort();
    for (const value of values) {
      const option = make("option", value);
      option.value = value;
      select.append(option);
    }
    select.addEventListener("change", choose);
  }
  search.addEventListener("input", choose);
  for (const [button, step] of [[before, -1], [after, 1]]) {
    button.addEventListener("click", () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      page += step;
      draw();
    });
  }
  document.getElementById("galaxy-tools").hidden = false;
  draw();
})();
