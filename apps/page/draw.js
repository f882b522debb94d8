// SPDX-License-Identifier: Apache-2.0
// What pages are drawn with: numbers, tables, charts that follow light and dark, the map of grants. No state but the charts.
"use strict";
const draw = (() => {
  const charts = [];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const nof_colours = 8;
  const shapes = ["circle", "rect", "triangle", "rectRot", "cross", "star", "crossRot", "dash"];

  /// 694412 as "694 412", with a space that does not break.
  const grouped = (n) => String(Math.round(n)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u00a0");
  /// Three digits that count: 38.1, 1 204, 0.52.
  const figure = (x) => !Number.isFinite(x) ? "-" : x === 0 ? "0" : Math.abs(x) >= 100 ? grouped(x) : x.toFixed(Math.abs(x) >= 10 ? 1 : 2);
  /// A tick of an axis: 20, not 20.0.
  const plain = (x) => Number.isInteger(x) ? (x < 0 ? "\u2212" : "") + grouped(Math.abs(x)) : String(Number(x.toFixed(3)));
  const duration = (s) => {
    const two = (n) => String(Math.floor(n)).padStart(2, "0");
    return `${two(s / 3600)}:${two(s / 60 % 60)}:${two(s % 60)}`;
  };

  /// An element with text and attributes; text is never HTML.
  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };
  /// A row of cells: a string, or an element of its own.
  const row = (cells, tag = "td") => {
    const made = document.createElement("tr");
    for (const cell of cells) made.append(cell instanceof Element ? cell : element(tag, cell));
    return made;
  };
  const table = (id, heading, rows) => {
    const head = document.createElement("thead"), body = document.createElement("tbody");
    head.append(row(heading, "th"));
    body.append(...rows);
    document.getElementById(id).replaceChildren(head, body);
  };

  const colour = (index) => css(`--c${index % nof_colours}`);
  const theme = () => {
    if (!window.Chart) return;
    Chart.defaults.color = css("--faint");
    Chart.defaults.borderColor = css("--line");
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
  };
  /// `make` gives a configuration of Chart.js; it is called again when light turns to dark.
  const chart = (canvas, make) => {
    if (!window.Chart) return { update() {} };
    const held = { canvas, make, now: new Chart(canvas, make()) };
    charts.push(held);
    return { update(change) { change(held.now); held.now.update("none"); } };
  };
  const axis = (title, more = {}) => ({ title: { display: title !== "", text: title }, grid: { color: css("--line") }, ...more });

  /// Lines over the last `seconds`, one a series: told apart by colour and by shape.
  const lines = (canvas, unit, seconds, y = {}) => {
    const made = chart(canvas, () => ({
      type: "line", data: { datasets: [] },
      options: {
        parsing: false, interaction: { mode: "nearest", intersect: false },
        scales: { x: axis("seconds ago", { type: "linear", min: -seconds, max: 0, ticks: { callback: (v) => String(-v), maxRotation: 0 } }),
          y: axis("", { ...y, ticks: { maxTicksLimit: 6 } }) },
        plugins: { legend: { position: "bottom", labels: { usePointStyle: true, boxWidth: 8 } },
          tooltip: { callbacks: { title: () => "", label: (p) => `${p.dataset.label}: ${figure(p.parsed.y)} ${unit}` } } },
      },
    }));
    return (series) => made.update((c) => {
      const oldest = Math.min(0, ...series.map((s) => s.points.length > 0 ? s.points[0].x : 0));
      c.options.scales.x.min = Math.max(-seconds, Math.min(-30, 10 * Math.floor(oldest / 10)));
      c.data.datasets = series.map((s) => ({
        label: s.label, data: s.points, borderColor: colour(s.index), backgroundColor: colour(s.index), borderWidth: 1.5,
        pointStyle: shapes[s.index % shapes.length],
        pointRadius: s.points.map((_, i) => s.points.length - 1 === i || i % 20 === 10 ? 4 : 0),
      }));
    });
  };

  /// Counts by bin on a log axis, with a shaded window and its edges.
  const histogram = (canvas) => {
    let window_us = [0, 0];
    const shade = { id: "window", beforeDatasetsDraw(c) {
      const { left, right, top, bottom } = c.chartArea, at = (us) => Math.min(right, Math.max(left, c.scales.x.getPixelForValue(us)));
      const [a, b] = window_us.map(at);
      c.ctx.fillStyle = css("--window");
      c.ctx.fillRect(a, top, b - a, bottom - top);
      c.ctx.strokeStyle = css("--accent");
      c.ctx.setLineDash([4, 3]);
      for (const x of [a, b]) { c.ctx.beginPath(); c.ctx.moveTo(x, top); c.ctx.lineTo(x, bottom); c.ctx.stroke(); }
      c.ctx.setLineDash([]);
    } };
    const made = chart(canvas, () => ({
      type: "bar", data: { datasets: [{ data: [], barPercentage: 1, categoryPercentage: 1 }] }, plugins: [shade],
      options: { parsing: false, scales: { x: axis("", { type: "linear", grid: { display: false }, ticks: { maxTicksLimit: 7, maxRotation: 0, includeBounds: false } }),
        y: axis("", { type: "logarithmic", min: 0.7, ticks: { callback: (v) => Number.isInteger(Math.log10(v)) && Math.log10(v) % 2 === 0 ? grouped(v) : "" } }) },
      plugins: { legend: { display: false }, tooltip: { callbacks: { title: () => "", label: (p) => `${figure(p.parsed.x)} us: ${grouped(p.parsed.y)}` } } } },
    }));
    return (flow) => made.update((c) => {
      const first = flow.window_begin_us - 8 * flow.bin_us;
      window_us = [flow.window_begin_us, flow.window_end_us];
      const points = flow.arrivals.map((n, i) => ({ x: first + (i + 0.5) * flow.bin_us, y: n }));
      c.options.scales.x.min = first;
      c.options.scales.x.max = first + flow.arrivals.length * flow.bin_us;
      c.data.datasets[0].data = points;
      c.data.datasets[0].backgroundColor = points.map((p) => p.x < window_us[0] || p.x > window_us[1] ? css("--bad") : colour(0));
    });
  };

  /// Bars from p50 to p99, a triangle at p99.9, a cross at the maximum; log axis.
  const ranges = (canvas) => {
    const made = chart(canvas, () => ({
      data: { labels: [], datasets: [
        { type: "bar", label: "p50 to p99", pointStyle: "rect", data: [], backgroundColor: colour(0), barPercentage: 0.55, minBarLength: 3, order: 2 },
        { type: "scatter", label: "p99.9", data: [], backgroundColor: colour(1), borderColor: colour(1), pointStyle: "triangle", pointRadius: 5, order: 1 },
        { type: "scatter", label: "max", data: [], backgroundColor: css("--ink"), borderColor: css("--ink"), pointStyle: "crossRot", pointRadius: 5, borderWidth: 2, order: 1 },
      ] },
      options: { indexAxis: "y",
        scales: { x: axis("", { type: "logarithmic", ticks: { maxRotation: 0, autoSkip: false, callback: (v, _, ticks) => (ticks.at(-1).value > 500 * ticks[0].value ? /^1(e|$)/ : /^[125](e|$)/).test(v.toExponential()) ? figure(v) : "" } }), y: { grid: { display: false } } },
        plugins: { legend: { position: "bottom", labels: { usePointStyle: true, boxWidth: 9 } },
          tooltip: { callbacks: { label: (p) => `${p.dataset.label}: ${Array.isArray(p.raw) ? p.raw.map(figure).join(" to ") : figure(p.parsed.x)} us` } } } },
    }));
    return (rows) => made.update((c) => {
      c.data.labels = rows.map((r) => r.name);
      c.data.datasets[0].data = rows.map((r) => [Math.max(r.p50, 0.01), Math.max(r.p99, 0.01)]);
      c.data.datasets[1].data = rows.map((r) => ({ x: Math.max(r["p99.9"], 0.01), y: r.name }));
      c.data.datasets[2].data = rows.map((r) => ({ x: Math.max(r.max, 0.01), y: r.name }));
    });
  };

  /// A cell of the map. What became of the grant is said by its shape: full, crossed out, hatched, only an outline.
  const grant_box = (g, x, y, w, h, fill, state) => {
    g.strokeStyle = fill;
    g.lineWidth = 1;
    if (state === "decoded" || state === "failed") {
      g.fillStyle = fill;
      g.globalAlpha = state === "failed" ? 0.35 : 1;
      g.fillRect(x, y, w, h);
      g.globalAlpha = 1;
    } else {
      g.setLineDash(state === "waiting" ? [2, 2] : []);
      g.strokeRect(x + 0.5, y + 0.5, Math.max(w - 1, 1), Math.max(h - 1, 1));
      g.setLineDash([]);
    }
    g.save();
    g.beginPath();
    g.rect(x, y, w, h);
    g.clip();
    if (state === "failed") {
      g.strokeStyle = css("--ink");
      g.lineWidth = 1.5;
      g.beginPath();
      for (let at = y; at < y + h; at += w) { g.moveTo(x, at); g.lineTo(x + w, at + w); g.moveTo(x + w, at); g.lineTo(x, at + w); }
      g.stroke();
    } else if (state === "not_received") {
      g.beginPath();
      for (let at = y - w; at < y + h; at += 4) { g.moveTo(x, at + w); g.lineTo(x + w, at); }
      g.stroke();
    }
    g.restore();
  };
  const sized = (canvas) => {
    const ratio = window.devicePixelRatio || 1, w = canvas.clientWidth, h = canvas.clientHeight;
    canvas.width = Math.round(w * ratio);
    canvas.height = Math.round(h * ratio);
    const g = canvas.getContext("2d");
    g.scale(ratio, ratio);
    return [g, w, h];
  };

  /// Grants {sfn, slot, rb_start, rb_size, state} in slots from old to new; colour_of(grant) is an index.
  const prb_map = (canvas, grants, nof_prb, colour_of) => {
    const [g, w, h] = sized(canvas);
    const left = 34, bottom = 20, top = 4, width = w - left - 4, height = h - bottom - top;
    const least_step = 7; // narrower, and the shapes are not told apart: a phone shows fewer slots
    const slots = [...new Set(grants.map((x) => `${x.sfn}.${x.slot}`))].slice(-Math.max(1, Math.floor(width / least_step)));
    const step = width / Math.max(slots.length, 1), y_of = (prb) => top + height * (1 - prb / Math.max(nof_prb, 1));
    g.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    g.fillStyle = css("--faint");
    g.strokeStyle = css("--line");
    g.textAlign = "right";
    for (let prb = 0; prb <= nof_prb; prb += nof_prb > 120 ? 50 : nof_prb > 50 ? 20 : 5) {
      g.fillText(String(prb), left - 5, y_of(prb) + 4);
      g.beginPath(); g.moveTo(left, y_of(prb)); g.lineTo(left + width, y_of(prb)); g.stroke();
    }
    g.textAlign = "center";
    const every = Math.max(1, Math.ceil(52 / step));
    slots.forEach((name, i) => { if (i % every === 0 && left + (i + 0.5) * step < w - 18) g.fillText(name, left + (i + 0.5) * step, h - 5); });
    const index = new Map(slots.map((name, i) => [name, i]));
    const by_slot = new Map();
    for (const x of grants) {
      const name = `${x.sfn}.${x.slot}`;
      by_slot.set(name, [...(by_slot.get(name) || []), x]);
    }
    const meets = (a, b) => a.rb_start < b.rb_start + b.rb_size && b.rb_start < a.rb_start + a.rb_size;
    for (const [name, i] of index) {
      for (const x of by_slot.get(name)) {
        // UEs on the same PRBs, told apart by their layers, share the width of the slot.
        const sharing = by_slot.get(name).filter((other) => meets(x, other)), part = step / sharing.length;
        const y = y_of(x.rb_start + x.rb_size);
        grant_box(g, left + i * step + sharing.indexOf(x) * part + 0.5, y, Math.max(part - 1, 1), Math.max(y_of(x.rb_start) - y - 0.5, 1), colour(colour_of(x)), x.state);
      }
    }
  };
  /// A sample of grant_box for a legend.
  const grant_key = (state, index) => {
    const canvas = element("canvas", undefined, { "aria-hidden": "true" });
    requestAnimationFrame(() => { const [g] = sized(canvas); grant_box(g, 1, 1, 14, 14, index < 0 ? css("--faint") : colour(index), state); });
    return canvas;
  };

  /// A point of a series for a legend: its colour and its shape.
  const key = (index) => {
    const canvas = element("canvas", undefined, { "aria-hidden": "true", class: "key" });
    requestAnimationFrame(() => {
      const [g] = sized(canvas);
      if (!window.Chart) { grant_box(g, 1, 1, 14, 14, colour(index), "decoded"); return; }
      g.strokeStyle = g.fillStyle = colour(index);
      g.lineWidth = 1.5;
      Chart.helpers.drawPoint(g, { pointStyle: shapes[index % shapes.length], radius: 4.5, borderWidth: 1.5 }, 8, 8);
    });
    return canvas;
  };
  const failed_key = () => {
    const canvas = element("canvas", undefined, { "aria-hidden": "true", class: "key" });
    requestAnimationFrame(() => { const [g] = sized(canvas); cross(g, 8, 8, css("--ink")); });
    return canvas;
  };
  const cross = (g, x, y, ink) => {
    g.strokeStyle = ink;
    g.lineWidth = 2;
    g.beginPath(); g.moveTo(x - 5, y - 5); g.lineTo(x + 5, y + 5); g.moveTo(x + 5, y - 5); g.lineTo(x - 5, y + 5); g.stroke();
  };

  /// Points {x, y, failed} of several series over time; failed ones have a cross behind them.
  const scatter = (canvas, unit, series, y = {}) => {
    const crosses = { id: "crosses", beforeDatasetsDraw(c) {
      c.data.datasets.forEach((set) => set.data.forEach((p) => {
        if (p.failed) cross(c.ctx, c.scales.x.getPixelForValue(p.x), c.scales.y.getPixelForValue(p.y), css("--ink"));
      }));
    } };
    const nof_points = series.reduce((n, s) => n + s.points.length, 0), radius = nof_points > 1500 ? 1.8 : nof_points > 300 ? 2.5 : 3.5;
    chart(canvas, () => ({
      type: "scatter", plugins: [crosses],
      data: { datasets: series.map((s) => ({ label: s.label, data: s.points, borderColor: colour(s.index), backgroundColor: colour(s.index),
        pointStyle: shapes[s.index % shapes.length], pointRadius: s.mark_every ? s.points.map((_, i) => i % s.mark_every === s.index % s.mark_every ? 4 : 0) : s.has_line ? 2 : radius, pointBorderWidth: 1, showLine: Boolean(s.has_line), borderWidth: 1.2 })) },
      options: { parsing: false,
        scales: { x: axis(unit, { ticks: { maxTicksLimit: 7, maxRotation: 0 } }), y: axis("", { grace: "8%", ...y, ticks: { maxTicksLimit: 6, callback: plain } }) },
        plugins: { legend: { display: false }, tooltip: { callbacks: { label: (p) => `${p.dataset.label}: ${figure(p.parsed.y)} at ${figure(p.parsed.x)} ${unit}${p.raw.failed ? ", CRC failed" : ""}` } } } },
    }));
  };

  /// Values {i, q, tb_crc_ok} of some blocks around the points of a constellation; failed ones are crosses.
  const constellation = (canvas, blocks, qam_bits, index) => {
    const [g, w, h] = sized(canvas), size = Math.min(w, h);
    const levels = qam_bits < 2 ? 2 : 2 ** (qam_bits / 2), unit = Math.sqrt(1.5 / (levels * levels - 1));
    const reach = Math.max(1.5, unit * (levels - 1) + 0.5);
    const x = (v) => w / 2 + v / reach * (size / 2 - 2), y = (v) => h / 2 - v / reach * (size / 2 - 2);
    g.strokeStyle = css("--line");
    g.lineWidth = 1;
    g.strokeRect(w / 2 - size / 2 + 0.5, h / 2 - size / 2 + 0.5, size - 1, size - 1);
    g.beginPath(); g.moveTo(x(-reach), y(0)); g.lineTo(x(reach), y(0)); g.moveTo(x(0), y(-reach)); g.lineTo(x(0), y(reach)); g.stroke();
    g.save();
    g.beginPath(); g.rect(w / 2 - size / 2, h / 2 - size / 2, size, size); g.clip();
    for (const b of blocks) {
      b.i.forEach((v, k) => {
        const at = [x(v), y(b.q[k])];
        g.fillStyle = g.strokeStyle = colour(index);
        if (b.tb_crc_ok) { g.globalAlpha = 0.55; g.beginPath(); g.arc(...at, 1.5, 0, 7); g.fill(); g.globalAlpha = 1; return; }
        g.beginPath(); g.moveTo(at[0] - 2.5, at[1] - 2.5); g.lineTo(at[0] + 2.5, at[1] + 2.5); g.moveTo(at[0] + 2.5, at[1] - 2.5); g.lineTo(at[0] - 2.5, at[1] + 2.5); g.stroke();
      });
    }
    g.strokeStyle = css("--ink");
    const radius = levels > 8 ? 1.6 : 3;
    for (let a = 1 - levels; a < levels; a += 2) {
      for (let b = 1 - levels; b < levels; b += 2) { g.beginPath(); g.arc(x(a * unit), y(b * unit), radius, 0, 7); g.stroke(); }
    }
    g.restore();
  };

  /// Hatching, so that a bar is known without its colour.
  const hatched = (ink) => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const g = tile.getContext("2d");
    g.strokeStyle = ink;
    g.lineWidth = 2;
    g.beginPath();
    for (const at of [-8, 0, 8]) { g.moveTo(at, 8); g.lineTo(at + 8, 0); }
    g.stroke();
    return g.createPattern(tile, "repeat");
  };
  /// {sinr_db, tb, failed} as stacked bars of one dB.
  const outcomes = (canvas, bins) => {
    const first = bins[0].sinr_db, count = bins.at(-1).sinr_db - first + 1;
    const of = new Map(bins.map((b) => [b.sinr_db, b]));
    const labels = Array.from({ length: count }, (_, i) => first + i);
    const value = (db, what) => of.has(db) ? what(of.get(db)) : 0;
    chart(canvas, () => ({
      type: "bar", data: { labels, datasets: [
        { label: "decoded", data: labels.map((db) => value(db, (b) => b.tb - b.failed)), backgroundColor: colour(0), barPercentage: 1, categoryPercentage: 0.9 },
        { label: "CRC failed", data: labels.map((db) => value(db, (b) => b.failed)), backgroundColor: hatched(css("--bad")), borderColor: css("--bad"), borderWidth: 1, barPercentage: 1, categoryPercentage: 0.9 }] },
      options: { scales: { x: axis("SINR, dB", { stacked: true, grid: { display: false }, ticks: { maxTicksLimit: 10, maxRotation: 0 } }), y: axis("", { stacked: true, ticks: { maxTicksLimit: 6, callback: (v) => Number.isInteger(v) ? grouped(v) : "" } }) },
        plugins: { legend: { position: "bottom", labels: { boxWidth: 12 } } } },
    }));
  };
  /// {predicted, tb, tb_ok}: points on or off the diagonal, as large as they have blocks.
  const calibration = (canvas, bins) => {
    const most = Math.max(...bins.map((b) => b.tb));
    chart(canvas, () => ({
      type: "scatter", data: { datasets: [
        { label: "blocks", clip: false, data: bins.map((b) => ({ x: b.predicted, y: b.tb_ok / b.tb, n: b.tb })), backgroundColor: colour(0), pointRadius: bins.map((b) => 4 + 8 * Math.sqrt(b.tb / most)) },
        { label: "right", data: [{ x: 0, y: 0 }, { x: 1, y: 1 }], showLine: true, pointRadius: 0, borderColor: css("--faint"), borderDash: [4, 3], borderWidth: 1 }] },
      options: { parsing: false, scales: { x: axis("predicted", { min: 0, max: 1 }), y: axis("observed", { min: 0, max: 1.02 }) },
        plugins: { legend: { display: false }, tooltip: { callbacks: { label: (p) => `predicted ${figure(p.parsed.x)}, observed ${figure(p.parsed.y)}${p.raw.n ? `, ${grouped(p.raw.n)} blocks` : ""}` } } } },
    }));
  };

  /// From the card's own colour to ink: light and dark, on paper and without colour the strong is what stands out.
  const heat_colour = (share) => {
    const part = (css_colour) => [1, 3, 5].map((at) => parseInt(css_colour.slice(at, at + 2), 16));
    const stops = [css("--heat0"), css("--heat1"), css("--heat2")].map(part), x = Math.min(Math.max(share, 0), 1) * 2, i = x < 1 ? 0 : 1;
    return `rgb(${stops[i].map((a, k) => Math.round(a + (stops[i + 1][k] - a) * (x - i))).join(" ")})`;
  };
  /// Columns of dB from old to new, rows upwards; null is nothing. Gives the range that the colours span.
  const heat_map = (canvas, columns, names, prb_per_row) => {
    const [g, w, h] = sized(canvas);
    const left = 34, bottom = 20, top = 4, width = w - left - 4, height = h - bottom - top;
    const values = columns.flat().filter((v) => v !== null).sort((a, b) => a - b);
    const at = (share) => values[Math.min(values.length - 1, Math.floor(share * values.length))];
    // The weakest that is worth a shade: 60 dB below the strongest, whatever silence says.
    const range = values.length ? [Math.max(at(0.02), at(0.998) - 60), Math.max(at(0.998), at(0.02) + 1)] : [0, 1];
    const step = width / columns.length, rows = columns[0].length;
    columns.forEach((column, i) => column.forEach((v, row) => {
      if (v === null) return;
      const y0 = top + height * (1 - (row + 1) / rows);
      g.fillStyle = heat_colour((v - range[0]) / (range[1] - range[0]));
      g.fillRect(left + i * step, y0, step + 0.5, height / rows + 0.5);
    }));
    g.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    g.fillStyle = css("--faint");
    g.strokeStyle = css("--line");
    g.strokeRect(left, top, width, height);
    g.textAlign = "right";
    const nof_prb = rows * prb_per_row;
    for (let prb = 0; prb <= nof_prb; prb += nof_prb > 120 ? 50 : nof_prb > 50 ? 20 : 5) g.fillText(String(prb), left - 5, top + height * (1 - prb / nof_prb) + 4);
    g.textAlign = "center";
    const every = Math.max(1, Math.ceil(56 / step));
    names.forEach((name, i) => { if (i % every === 0 && left + (i + 0.5) * step < w - 18) g.fillText(name, left + (i + 0.5) * step, h - 5); });
    return range;
  };
  const heat_keys = (range, unit) => [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const made = element("span"), canvas = element("canvas", undefined, { "aria-hidden": "true" });
    requestAnimationFrame(() => { const [g, w, h] = sized(canvas); g.fillStyle = heat_colour(share); g.fillRect(0, 0, w, h); g.strokeStyle = css("--line"); g.strokeRect(0.5, 0.5, w - 1, h - 1); });
    made.append(canvas, `${(range[0] + share * (range[1] - range[0])).toFixed(1)} ${unit}`);
    return made;
  });

  theme();
  dark.addEventListener("change", () => {
    theme();
    for (const held of charts) { held.now.destroy(); held.now = new Chart(held.canvas, held.make()); }
    dispatchEvent(new Event("redraw"));
  });
  addEventListener("resize", () => dispatchEvent(new Event("redraw")));
  return { grouped, figure, duration, element, row, table, lines, histogram, ranges, prb_map, grant_key, key, failed_key, scatter, constellation, outcomes, calibration, heat_map, heat_keys };
})();
/// What the program put into the page; null when it comes later.
const page_data = () => JSON.parse(document.getElementById("page-data").textContent);
