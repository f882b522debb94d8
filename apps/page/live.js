// SPDX-License-Identifier: Apache-2.0
// The live page: takes a status once in a while, shows it. Every figure shown is also in a data-value.
"use strict";
(() => {
  const by_id = (id) => document.getElementById(id);
  const history_s = 180, max_flows = 8;
  const { element, grouped, figure } = draw;
  let now = null, before = null, nof_messages = 0;
  const ue_index = new Map(), history = new Map(), windows = new Map();
  const rnti_text = (rnti) => "0x" + rnti.toString(16).padStart(4, "0");
  const key_of = (x) => `${x.cell} ${x.rnti}`;
  const index_of = (x) => {
    if (!ue_index.has(key_of(x))) ue_index.set(key_of(x), ue_index.size);
    return ue_index.get(key_of(x));
  };
  const label_of = (x) => now.cells.length > 1 ? `${x.cell}: ${rnti_text(x.rnti)}` : rnti_text(x.rnti);
  const ratio = (part, all) => all > 0 ? part / all : NaN;
  // 2 of 43 200 are not 0.00 %, and all but 2 are not 100.00 %.
  const percent = (part, all) => {
    const x = 100 * ratio(part, all);
    return !Number.isFinite(x) ? "-" : x > 0 && x < 0.01 ? "<\u00a00.01\u00a0%" : x < 100 && x > 99.99 ? ">\u00a099.99\u00a0%" : `${x.toFixed(2)}\u00a0%`;
  };
  const sum = (list, of) => list.reduce((total, x) => total + of(x), 0);
  /// Growth a second since the status before.
  const rate = (of) => {
    const seconds = before ? (now.now_ns - before.now_ns) / 1e9 : 0;
    return seconds > 0 ? Math.max(0, of(now) - of(before)) / seconds : NaN;
  };
  const cell = (text, data) => {
    const made = element("td", text);
    for (const [name, value] of Object.entries(data)) made.dataset[name] = value;
    return made;
  };

  const charts = { latency: draw.ranges(by_id("latency-chart")), sinr: draw.lines(by_id("sinr-chart"), "dB", history_s),
    mcs: draw.lines(by_id("mcs-chart"), "", history_s, { min: 0, suggestedMax: 28 }),
    bler: draw.lines(by_id("bler-chart"), "%", history_s, { min: 0, suggestedMax: 20 }) };
  by_id("no-charts").hidden = Boolean(window.Chart);

  const show_head = () => {
    const state = by_id("state");
    state.textContent = now.state;
    state.className = `state ${now.state === "running" ? "good" : now.state === "faulted" ? "bad" : "warn"}`;
    const cells = now.cells.map((c) => `${c.name} ${c.sfn}.${c.slot}, ${c.nof_prb} PRB`).join(" | ");
    by_id("about").textContent = `for ${draw.duration((now.now_ns - now.started_ns) / 1e9)} | ${now.backend} | ${now.port} | ${cells} | ${grouped(now.rss_bytes / 1e6)} MB`;
  };
  const show_tiles = () => {
    const total = (name) => sum(now.cells, (c) => c[name]);
    const tile = (name, value, text, label, mark = "") => {
      const made = element("div", undefined, { class: "tile", "data-metric": name, "data-value": value });
      made.append(element("b", text, { class: mark }), element("span", label));
      return made;
    };
    const arrived = total("slots_complete") + total("slots_incomplete");
    const decode_rate = rate((s) => sum(s.cells, (c) => c.slots_decoded));
    const failed = total("nof_tb_failed"), misses = total("deadline_misses"), shed = total("slots_shed");
    by_id("tiles").replaceChildren(
      tile("slots_decoded", total("slots_decoded"), grouped(total("slots_decoded")), Number.isFinite(decode_rate) ? `slots decoded, ${figure(decode_rate)}/s` : "slots decoded"),
      tile("slots_incomplete", total("slots_incomplete"), grouped(total("slots_incomplete")), `slots with missing PRBs, ${percent(total("slots_incomplete"), arrived)}`, total("slots_incomplete") ? "warn" : ""),
      tile("slots_shed", shed, grouped(shed), "slots shed by overload", shed ? "bad" : ""),
      tile("deadline_misses", misses, grouped(misses), `deadlines missed, ${percent(misses, total("slots_decoded"))}`, misses ? "warn" : ""),
      tile("tb_ok", total("nof_tb") - failed, percent(total("nof_tb") - failed, total("nof_tb")), `of ${grouped(total("nof_tb"))} blocks ok`),
      tile("throughput_mbps", sum(now.ues, (u) => u.throughput_mbps), figure(sum(now.ues, (u) => u.throughput_mbps)), "Mbit/s delivered"),
      tile("cplane_late", total("cplane_late"), grouped(total("cplane_late")), `C-plane too late, ${grouped(total("cplane_sent"))} sent`, total("cplane_late") ? "warn" : ""),
      tile("advice_used", total("advice_used"), percent(total("advice_used"), total("advice_used") + total("advice_fallback")), "of decisions by the model"));
  };
  const show_packets = () => {
    const rows = [], zeros = [];
    for (const [i, law] of now.packets.entries()) {
      const of_law = (s) => (s.packets[i] || law);
      const per_s = (of) => figure(rate((s) => of(of_law(s))));
      const dropped = sum(Object.values(law.dropped), (n) => n);
      const data = (metric, value, reason) => ({ metric, what: law.what, value, ...(reason ? { reason } : {}) });
      rows.push(draw.row([cell(law.what + " received", {}), cell(grouped(law.received), data("received", law.received)), cell(per_s((l) => l.received), {}), ""]));
      rows.push(draw.row([cell(law.what + " accepted", {}), cell(grouped(law.accepted), data("accepted", law.accepted)), cell(per_s((l) => l.accepted), {}), law.received === law.accepted + dropped ? "" : element("td", "not the sum", { class: "bad" })]));
      for (const [reason, count] of Object.entries(law.dropped)) {
        if (count === 0) { zeros.push(`${law.what} ${reason}`); continue; }
        const bar = cell("", {}), drawn = element("div", undefined, { class: "bar" });
        bar.className = "barcell";
        drawn.style.width = `${100 * ratio(count, Math.max(...Object.values(law.dropped)))}%`;
        bar.append(drawn);
        rows.push(draw.row([cell(`\u2003${reason.replaceAll("_", " ")}`, {}), cell(grouped(count), data("dropped", count, reason)), cell(per_s((l) => l.dropped[reason] || 0), {}), bar]));
      }
    }
    draw.table("packets", ["", "count", "per s", ""], rows);
    const reasons = sum(now.packets, (l) => Object.keys(l.dropped).length);
    by_id("zero-reasons").textContent = zeros.length ? `None for ${zeros.length} of ${reasons} reasons.` : "";
    by_id("zero-reasons").title = zeros.join(", ");
  };
  const show_latencies = () => {
    const rows = Object.entries(now.latency_us).map(([name, l]) => ({ name: name.replaceAll("_", " "), span: name, ...l }));
    const drawn = rows.filter((r) => r.count > 0);
    by_id("latency-chart").parentElement.style.height = `${90 + 24 * Math.max(drawn.length, 2)}px`;
    charts.latency(drawn);
    draw.table("latencies", ["span", "p50", "p99", "p99.9", "max"], rows.map((r) => draw.row([r.name,
      ...["p50", "p99", "p99.9", "max"].map((q) => cell(figure(r[q]), { metric: "latency_us", span: r.span, quantile: q, value: r[q] }))])));
  };
  const show_windows = () => {
    const outside = (f) => f.late + f.early;
    const shown = [...now.flows].sort((a, b) => outside(b) - outside(a)).slice(0, max_flows).sort((a, b) => a.cell - b.cell || a.is_prach - b.is_prach || a.eaxc - b.eaxc);
    for (const flow of shown) {
      const key = `${flow.cell} ${flow.eaxc} ${flow.is_prach}`;
      if (!windows.has(key)) {
        const box = element("div"), plot = element("div", undefined, { class: "plot" }), canvas = element("canvas", undefined, { role: "img", "aria-label": "arrivals by time" });
        plot.append(canvas);
        box.append(element("h3"), plot, element("p", undefined, { class: "faint" }));
        by_id("windows").append(box);
        windows.set(key, { box, update: draw.histogram(canvas) });
      }
      const { box, update } = windows.get(key);
      box.children[1].hidden = flow.bin_us <= 0 || flow.arrivals.length === 0; // no window, so no bins
      if (!box.children[1].hidden) update(flow);
      Object.assign(box.dataset, { eaxc: flow.eaxc, cell: flow.cell, early: flow.early, late: flow.late, onTime: flow.on_time, arrivals: flow.arrivals.join(" ") });
      box.children[0].textContent = `${now.cells.length > 1 ? `cell ${flow.cell}, ` : ""}eAxC ${flow.eaxc}, port ${flow.port}${flow.is_prach ? ", PRACH" : ""}`;
      box.children[2].textContent = `early ${grouped(flow.early)}, on time ${percent(flow.on_time, flow.on_time + outside(flow))}, late ${grouped(flow.late)}, lost ${grouped(flow.lost)}`;
    }
    const rest = now.flows.length - shown.length;
    by_id("windows-note").textContent = `\u00b5s after the start of the symbol; the window is shaded; counts on a log axis.${rest > 0 ? ` ${rest} more eAxC with less outside the window are in /metrics.` : ""}`;
  };
  const show_map = () => {
    const select = by_id("map-cell");
    if (select.options.length !== now.cells.length) select.replaceChildren(...now.cells.map((c, i) => element("option", c.name, { value: i })));
    select.hidden = now.cells.length < 2;
    const chosen = Number(select.value || 0), grants = now.grants.filter((g) => g.cell === chosen);
    draw.prb_map(by_id("map"), grants, now.cells[chosen] ? now.cells[chosen].nof_prb : 0, index_of);
    const count = (state) => grants.filter((g) => g.state === state).length;
    const states = { decoded: "decoded", failed: "failed", not_received: "not received", waiting: "waiting" };
    const legend = Object.entries(states).map(([state, text]) => {
      const made = element("span", undefined, { "data-metric": "grants", "data-state": state, "data-value": count(state) });
      made.append(draw.grant_key(state, -1), `${text} ${count(state)}`);
      return made;
    });
    const ues = new Map(grants.map((g) => [key_of(g), g]));
    for (const g of [...ues.values()].slice(0, 16)) {
      const made = element("span");
      made.append(draw.grant_key("decoded", index_of(g)), rnti_text(g.rnti));
      legend.push(made);
    }
    by_id("map-legend").replaceChildren(...legend);
    by_id("map-note").textContent = grants.length ? "Slots as SFN.slot from old to new, PRB upwards." : "No grants in the last uplink slots.";
  };
  const show_ues = () => {
    const columns = { sinr_db: "SINR dB", mcs_index: "MCS", nof_layers: "layers", bler: "BLER %", throughput_mbps: "Mbit/s", ta_us: "TA \u00b5s", cfo_hz: "CFO Hz", nof_tb: "blocks", nof_tb_failed: "failed", nof_dtx: "not sent" };
    const optional = new Set(["nof_layers", "cfo_hz", "nof_tb", "nof_dtx"]), whole = new Set(["mcs_index", "nof_layers", "nof_tb", "nof_tb_failed", "nof_dtx", "cfo_hz"]);
    const hide = (made, name) => { if (optional.has(name)) made.classList.add("optional"); return made; };
    const value = (u, name) => name === "bler" ? 100 * ratio(u.nof_tb_recent_failed, u.nof_tb_recent) : u[name];
    draw.table("ues", [element("th", "UE"), ...Object.entries(columns).map(([name, text]) => hide(element("th", text), name))],
      now.ues.map((u) => draw.row([label_of(u), ...Object.keys(columns).map((name) => {
        const x = value(u, name), text = whole.has(name) ? grouped(x) : figure(x);
        return hide(cell(text, { metric: name, rnti: rnti_text(u.rnti), cell: u.cell, value: x }), name);
      })])));
    const at = now.now_ns / 1e9;
    for (const u of now.ues) {
      const points = history.get(key_of(u)) || [];
      if (points.length === 0 || points.at(-1).at < at) points.push({ at, sinr: u.sinr_db, mcs: u.mcs_index, bler: value(u, "bler") });
      while (points.length > 0 && points[0].at < at - history_s) points.shift();
      history.set(key_of(u), points);
    }
    for (const name of ["sinr", "mcs", "bler"]) {
      charts[name](now.ues.slice(0, 16).map((u) => ({ label: label_of(u), index: index_of(u),
        points: history.get(key_of(u)).filter((p) => Number.isFinite(p[name])).map((p) => ({ x: p.at - at, y: p[name] })) })));
    }
  };
  const show_all = () => { for (const show of [show_head, show_tiles, show_packets, show_latencies, show_windows, show_map, show_ues]) show(); };
  const take = (status) => {
    if (now && status.now_ns <= now.now_ns) return;
    before = now;
    now = status;
    nof_messages += 1;
    show_all();
    document.body.dataset.messages = nof_messages;
    document.body.dataset.nowNs = now.now_ns;
  };

  /// Tries again after 1, 2, 4, then every 5 s, and says so.
  let nof_tries = 0;
  const connect = () => {
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live`);
    socket.onmessage = (message) => {
      nof_tries = 0;
      by_id("banner").hidden = true;
      take(JSON.parse(message.data));
    };
    socket.onclose = () => {
      nof_tries += 1;
      by_id("banner").hidden = false;
      by_id("banner").textContent = "No connection to pado run: what is shown is old. Trying again.";
      setTimeout(connect, Math.min(5000, 500 * 2 ** nof_tries));
    };
  };
  by_id("map-cell").addEventListener("change", show_map);
  addEventListener("redraw", () => { if (now) show_all(); });
  const first = page_data();
  if (first) take(first);
  if (location.protocol.startsWith("http")) connect();
})();
