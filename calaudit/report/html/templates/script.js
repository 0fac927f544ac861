"use strict";
(() => {
  const tip = document.createElement("div");
  tip.className = "ca-tip";
  tip.role = "tooltip";
  tip.hidden = true;
  document.body.append(tip);
  const hide = () => { tip.hidden = true; };
  const show = (mark) => {
    tip.textContent = mark.getAttribute("aria-label");
    tip.hidden = false;
    const at = mark.getBoundingClientRect(), size = tip.getBoundingClientRect();
    const room = document.documentElement.clientWidth - size.width - 8;
    const left = Math.max(8, Math.min(at.left + at.width / 2 - size.width / 2, room));
    const above = at.top - size.height - 8;
    const top = above < 0 ? Math.min(at.bottom, innerHeight - size.height) + 8 : above;
    tip.style.left = left + scrollX + "px";
    tip.style.top = top + scrollY + "px";
  };
  const MARKS = "svg :not(g)[aria-label]";
  const markOf = (target) => target.closest?.(".ca-drawing " + MARKS);
  for (const type of ["pointerover", "pointerdown", "focusin"]) {
    addEventListener(type, (event) => {
      const mark = markOf(event.target);
      if (mark) show(mark); else hide();
    });
  }
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    const drawing = event.target.closest?.(".ca-drawing");
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!drawing || !step) return;
    const marks = [...drawing.querySelectorAll(MARKS)];
    if (!marks.length) return;
    const last = marks.indexOf(drawing.mark);
    drawing.mark = marks[(last + step + marks.length) % marks.length];
    show(drawing.mark);
    event.preventDefault();
  });

  addEventListener("beforeprint", () => {
    for (const d of document.querySelectorAll("figure details")) d.open = true;
  });

  const key = (row, column) => {
    const cell = row.cells[column];
    if (cell.dataset.v !== undefined) return Number(cell.dataset.v);
    return cell.textContent === "–" ? "" : cell.textContent;
  };
  const order = (a, b) => {
    return typeof a === "number" && typeof b === "number"
      ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });
  };
  for (const table of document.querySelectorAll(".ca-sortable")) {
    const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
    for (const [column, head] of heads.entries()) {
      if (!head.textContent) continue;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down > 0 ? "ascending" : "descending");
        const rows = [...body.rows].map((row) => [key(row, column), row]);
        rows.sort(([a], [b]) => (a === "") - (b === "") || down * order(a, b));
        body.append(...rows.map(([, row]) => row));
      });
    }
  }
})();
