// SPDX-License-Identifier: Apache-2.0
// The report of a command: everything is in the page. Every figure shown is also in a data-value.
"use strict";
(() => {
  const by_id = (id) => document.getElementById(id);
  const { element, grouped, figure } = draw;
  const data = page_data(), summary = data.summary || {};
  const rnti_text = (rnti) => "0x" + rnti.toString(16).padStart(4, "0");
  const words = (name) => name.replaceAll("_", " ");
  const cell = (text, more = {}) => {
    const made = element("td", text);
    for (const [name, value] of Object.entries(more)) made.dataset[name] = value;
    return made;
  };
  const percent = (part, all) => all > 0 ? `${(100 * part / all).toFixed(part === 0 || part === all ? 0 : 2)}\u00a0%` : "-";
  const part = (name, is_there) => { for (const section of document.querySelectorAll(`[data-part="${name}"]`)) section.hidden = !is_there; };
  const tile = (name, value, text, label, mark = "") => {
    const made = element("div", undefined, { class: "tile", "data-metric": name, "data-value": value });
    made.append(element("b", text, { class: mark }), element("span", label));
    return made;
  };
  const verdict = (text, is_good) => {
    by_id("verdict").hidden = false;
    by_id("verdict").textContent = text;
    by_id("verdict").classList.add(is_good ? "good" : "bad");
  };

  const ues = summary.ues || [], index = new Map(ues.map((u, i) => [u.rnti, i]));
  const index_of = (rnti) => index.has(rnti) ? index.get(rnti) : 0;
  const sum = (list, of) => list.reduce((total, x) => total + of(x), 0);
  /// Columns to rows: {rnti: [1, 2]} to [{rnti: 1}, {rnti: 2}].
  const rows_of = (columns) => (columns.rnti || []).map((_, i) => Object.fromEntries(Object.entries(columns).map(([name, list]) => [name, list[i]])));

  const show_tiles = () => {
    const blocks = sum(ues, (u) => u.tb), ok = sum(ues, (u) => u.tb_ok), seconds = data.duration_ms / 1000;
    const mbits = seconds > 0 ? sum(ues, (u) => u.bits_ok) / seconds / 1e6 : 0;
    const advised = sum(ues, (u) => u.advice), by_model = sum(ues, (u) => u.advice_by_model);
    by_id("tiles").replaceChildren(
      tile("tb_ok", ok, percent(ok, blocks), `of ${grouped(blocks)} blocks ok`, ok === blocks ? "good" : ""),
      tile("ues", ues.length, grouped(ues.length), ues.length === 1 ? "UE" : "UEs"),
      tile("slots", summary.slots, grouped(summary.slots), `slots decoded, ${figure(data.duration_ms / 1000)} s on air`),
      tile("mbits", mbits, figure(mbits), "Mbit/s delivered"),
      tile("slots_incomplete", summary.slots_incomplete, grouped(summary.slots_incomplete), "slots with missing PRBs", summary.slots_incomplete ? "warn" : ""),
      tile("deadline_missed", summary.deadline_missed, grouped(summary.deadline_missed), `slots over ${grouped(summary.deadline_us)} \u00b5s on one worker`, summary.deadline_missed ? "warn" : ""),
      tile("advice_by_model", by_model, percent(by_model, advised), `of ${grouped(advised)} pieces of advice by a model`),
      tile("elapsed_s", summary.elapsed_s, `${figure(summary.elapsed_s)} s`, "to replay it"));
    if (summary.check && summary.check.compared > 0) {
      const { compared, different } = summary.check;
      verdict(`${different === 0 ? "PASS" : "FAIL"}: ${compared - different} of ${compared} blocks as expected`, different === 0);
    }
  };
  const show_ues = () => {
    const seconds = data.duration_ms / 1000;
    const columns = [
      ["tb", "blocks", (u) => u.tb, grouped], ["tb_ok", "ok", (u) => u.tb_ok, grouped],
      ["bler", "BLER %", (u) => 100 * (u.tb - u.tb_ok) / Math.max(u.tb, 1), figure],
      ["mcs", "MCS", (u) => u.mcs[1], (_, u) => u.mcs[0] === u.mcs[1] ? String(u.mcs[0]) : `${u.mcs[0]}\u2013${u.mcs[1]}`],
      ["layers", "layers", (u) => u.layers, grouped],
      ["sinr_db", "SINR dB", (u) => u.sinr_db.mean, (x, u) => `${x.toFixed(1)} \u00b1 ${u.sinr_db.deviation.toFixed(1)}`],
      ["ta_us", "timing \u00b5s", (u) => u.ta_us, (x) => x.toFixed(2)], ["cfo_hz", "CFO Hz", (u) => u.cfo_hz, (x) => x.toFixed(0)],
      ["ldpc_iterations", "LDPC it", (u) => u.ldpc_iterations, (x) => x.toFixed(1)],
      ["mbits", "Mbit/s", (u) => seconds > 0 ? u.bits_ok / seconds / 1e6 : 0, figure]];
    if (ues.some((u) => u.uci > 0)) columns.push(["uci_ok", "UCI ok", (u) => u.uci_ok, (x, u) => `${x} / ${u.uci}`]);
    draw.table("ues", ["UE", ...columns.map((c) => c[1])], ues.map((u, i) => {
      const name = element("td");
      name.append(draw.key(i), ` ${rnti_text(u.rnti)}`);
      return draw.row([name, ...columns.map(([metric, , of, text]) => cell(of(u) === null ? "-" : text(of(u), u), { metric, rnti: rnti_text(u.rnti), value: of(u) }))]);
    }));
    part("reference", Boolean(summary.reference));
    if (!summary.reference) return;
    const both = (pair, digits) => ["gnb", "pado"].map((who) => pair[who] === null ? "-" : pair[who].toFixed(digits)).join(" / ");
    draw.table("reference", ["gNB / pado", "blocks", "CRC ok", "only gNB", "only pado", "SINR dB", "timing \u00b5s", "CFO Hz", "LDPC it"], summary.reference.map((r) => {
      const data_of = (metric, value) => ({ metric, rnti: rnti_text(r.rnti), value });
      return draw.row([rnti_text(r.rnti), cell(grouped(r.tb), data_of("reference_tb", r.tb)), cell(`${r.gnb_crc_ok} / ${r.crc_ok}`, data_of("reference_gnb_crc_ok", r.gnb_crc_ok)),
        grouped(r.only_gnb), grouped(r.only_pado), cell(both(r.sinr_db, 1), data_of("reference_sinr_db", r.sinr_db.gnb)), both(r.ta_us, 2), both(r.cfo_hz, 0), both(r.ldpc_iterations, 1)]);
    }));
  };
  const map_blocks = rows_of(data.map || {}).map((b) => ({ ...b, sfn: b.slot.split(".")[0], slot: b.slot.split(".")[1], state: b.tb_crc_ok ? "decoded" : "failed" }));
  /// Most UEs of a slot that are on the same PRB, where it matters: they share the width of the slot.
  const most_sharing = (() => {
    const by_slot = new Map();
    for (const b of map_blocks) by_slot.set(`${b.sfn}.${b.slot}`, [...(by_slot.get(`${b.sfn}.${b.slot}`) || []), b]);
    const sharing = [...by_slot.values()].flatMap((list) => list.map((a) => list.filter((b) => a.rb_start >= b.rb_start && a.rb_start < b.rb_start + b.rb_size).length));
    return Math.min(4, Math.max(1, ...sharing));
  })();
  const show_map = () => {
    part("map", map_blocks.length > 0);
    if (map_blocks.length === 0) return;
    const slots = new Set(map_blocks.map((b) => `${b.sfn}.${b.slot}`)).size, box = by_id("map-box");
    // Every slot is as wide as its marks need: on a narrow screen the map is scrolled, not thinned.
    box.style.width = `max(100%, ${Math.min(46 + 8 * slots * most_sharing, 6000)}px)`;
    draw.prb_map(by_id("map"), map_blocks, data.cell.nof_prb, (b) => index_of(b.rnti));
    const legend = [["decoded", "decoded"], ["failed", "CRC failed"]].map(([state, text]) => {
      const count = map_blocks.filter((b) => b.state === state).length;
      const made = element("span", undefined, { "data-metric": "map", "data-state": state, "data-value": count });
      made.append(draw.grant_key(state, -1), `${text} ${count}`);
      return made;
    });
    by_id("map-legend").replaceChildren(...legend, ...ue_legend(false));
    by_id("map-note").textContent = `${data.map_slots < summary.slots ? `The last ${grouped(data.map_slots)} of ${grouped(summary.slots)} slots` : "All slots"}, as SFN.slot from left to right, PRB upwards; slots without a PUSCH are left out.`;
  };
  const ue_legend = (has_shape) => ues.slice(0, 16).map((u, i) => {
    const made = element("span");
    made.append(has_shape ? draw.key(i) : draw.grant_key("decoded", i), rnti_text(u.rnti));
    return made;
  });
  const show_power = () => {
    const power = data.power || { db: [] };
    part("power", power.db.length > 0);
    if (power.db.length === 0) return;
    const range = draw.heat_map(by_id("power"), power.db, power.slots, power.prb_per_row);
    by_id("power-legend").replaceChildren(...draw.heat_keys(range, "dB"));
    by_id("power").dataset.columns = power.db.length;
    by_id("power-note").textContent = `Mean over ports and symbols, in grid units${power.prb_per_row > 1 ? `, ${power.prb_per_row} PRB a row` : ""}. ${power.every > 1 ? `Every ${power.every}th slot is shown.` : "Every slot is shown."}`;
  };
  const show_time = () => {
    const blocks = rows_of(data.blocks || {});
    part("time", blocks.length > 0);
    if (blocks.length === 0) return;
    const unit = data.duration_ms > 5000 ? ["s", 1000] : ["ms", 1];
    const shown = ues.slice(0, 16);
    const of_ue = (rnti) => blocks.filter((b) => b.rnti === rnti);
    const lists = new Map(shown.map((u) => [u.rnti, of_ue(u.rnti)]));
    for (const name of ["sinr_db", "mcs_index", "ta_us", "cfo_hz", "ldpc_iterations"]) {
      draw.scatter(by_id(name), unit[0], shown.map((u, i) => ({ label: rnti_text(u.rnti), index: i,
        points: lists.get(u.rnti).filter((b) => b[name] !== null).map((b) => ({ x: b.time_ms / unit[1], y: b[name], failed: !b.tb_crc_ok })) })),
        name === "mcs_index" || name === "ldpc_iterations" ? { min: 0 } : {});
    }
    draw.scatter(by_id("bler"), unit[0], shown.map((u, i) => ({ label: rnti_text(u.rnti), index: i, has_line: true,
      points: (data.bler[u.rnti] || { bins: [] }).bins.map((b) => ({ x: b.time_ms / unit[1], y: 100 * b.failed / b.tb })) })), { min: 0, suggestedMax: 10 });
    const failed = element("span");
    failed.append(draw.failed_key(), "CRC failed");
    by_id("time-legend").replaceChildren(...ue_legend(true), failed);
    const thin = data.blocks_every > 1 ? `Points are the blocks of every ${data.blocks_every}th slot, ${grouped(blocks.length)} of ${grouped(data.nof_blocks)}; block errors count all.` : `Each point is a block, ${grouped(blocks.length)} in all.`;
    const first = Object.values(data.bler)[0];
    by_id("time-note").textContent = `${thin} Time in ${unit[0]} since the first slot${first ? `; a point of block errors is ${figure(first.bin_ms)} ms` : ""}.${ues.length > 16 ? ` The first 16 of ${ues.length} UEs.` : ""}`;
    by_id("time-note").dataset.shown = blocks.length;
  };
  const names_of_qam = { 1: "\u03c0/2-BPSK", 2: "QPSK", 4: "16QAM", 6: "64QAM", 8: "256QAM" };
  const heard = ues.map((u, i) => ({ rnti: u.rnti, index: i, ...(data.signal || {})[u.rnti] })).filter((u) => u.blocks).slice(0, 16);
  const show_constellations = () => {
    by_id("constellations").replaceChildren(...heard.map((u) => {
      const box = element("div"), canvas = element("canvas", undefined, { role: "img", "aria-label": `constellation of ${rnti_text(u.rnti)}`,
        "data-rnti": rnti_text(u.rnti), "data-points": sum(u.blocks, (b) => b.i.length), "data-blocks": u.blocks.length });
      const failed = u.blocks.filter((b) => !b.tb_crc_ok).length;
      box.append(canvas, element("h3", `${rnti_text(u.rnti)}, ${names_of_qam[u.qam_bits]}`), element("p", `${grouped(u.blocks.length)} ${u.blocks.length === 1 ? "block" : "blocks"}${failed ? `, ${failed} failed` : ""}; SINR ${(sum(u.blocks, (b) => b.sinr_db) / u.blocks.length).toFixed(1)} dB`, { class: "faint" }));
      requestAnimationFrame(() => draw.constellation(canvas, u.blocks, u.qam_bits, u.index));
      return box;
    }));
  };
  const show_signal = () => {
    part("signal", heard.length > 0);
    if (heard.length === 0) return;
    by_id("constellation-note").textContent = "Up to 160 resource elements of up to 6 blocks a UE, spread over the capture, behind a linear receiver that knows all layers on the PRBs; circles are the points sent, crosses values of blocks that failed. Blocks that share only a part of their PRBs with others are left out.";
    show_constellations();
    const series = (of, x) => heard.map((u) => ({ label: rnti_text(u.rnti), index: u.index, has_line: true, mark_every: Math.ceil(u[of].db.length / 8), points: u[of].db.map((db, i) => ({ x: u[of][x][i], y: db })) }));
    draw.scatter(by_id("channel"), "PRB", series("channel", "prb"));
    draw.scatter(by_id("delay"), "\u00b5s", series("delay", "us"), { min: -40, max: 0 });
  };
  const show_outcome = () => {
    part("outcome", (data.by_sinr || []).length > 0);
    if ((data.by_sinr || []).length > 0) draw.outcomes(by_id("outcome"), data.by_sinr);
    part("advice", (data.advice || []).length > 0);
    if ((data.advice || []).length === 0) return;
    draw.calibration(by_id("advice"), data.advice);
    by_id("advice-note").textContent = `What was predicted for the MCS that came next, against what came of it; on the line it is right. ${grouped(sum(data.advice, (a) => a.tb))} blocks.`;
  };
  const show_stages = () => {
    const rows = Object.entries(summary.stage_us || {}).map(([name, l]) => ({ name: words(name), stage: name, ...l }));
    part("stages", rows.length > 0);
    if (rows.length === 0) return;
    by_id("stages-chart").parentElement.style.height = `${90 + 24 * rows.length}px`;
    draw.ranges(by_id("stages-chart"))(rows);
    draw.table("stages", ["stage", "p50", "p99", "p99.9", "max"], rows.map((r) => draw.row([r.name,
      ...["p50", "p99", "p99.9", "max"].map((q) => cell(figure(r[q]), { stage: r.stage, quantile: q, value: r[q] }))])));
    by_id("stages-note").textContent = `The deadline is the length of a slot, ${grouped(summary.deadline_us)} \u00b5s. Stages run one after the other on one worker.`;
  };
  const show_packets = () => {
    const counts = Object.entries(summary.source || {});
    part("packets", counts.length > 0);
    const shown = counts.filter(([, n], i) => n > 0 || i < 2);
    draw.table("packets", ["what", "count"], shown.map(([name, n]) => draw.row([words(name), cell(grouped(n), { source: name, value: n })])));
    const flows = summary.fronthaul ? summary.fronthaul.flows : [];
    part("flows", flows.length > 0);
    if (flows.length === 0) return;
    const has_window = Boolean(summary.fronthaul.window_us);
    draw.table("flows", ["eAxC", "port", "messages", "lost", "reordered", ...(has_window ? ["on time", "early", "late", "p50 \u00b5s", "p99 \u00b5s", "max \u00b5s"] : [])], flows.map((f) => draw.row([String(f.eaxc),
      `${f.kind} ${f.port}`, cell(grouped(f.messages), { eaxc: f.eaxc, metric: "messages", value: f.messages }), cell(grouped(f.lost), { eaxc: f.eaxc, metric: "lost", value: f.lost }), grouped(f.reordered),
      ...(has_window ? [grouped(f.on_time), grouped(f.early), grouped(f.late), figure(f.arrival_us.p50), figure(f.arrival_us.p99), figure(f.arrival_us.max)] : [])])));
    if (!has_window) { by_id("windows-note").textContent = "No reception window in cell.yaml (fronthaul.window_us), so arrivals are not judged."; return; }
    const [begin, end] = summary.fronthaul.window_us;
    by_id("windows").replaceChildren(...flows.slice(0, 8).map((f) => {
      const box = element("div"), plot = element("div", undefined, { class: "plot" }), canvas = element("canvas", undefined, { role: "img", "aria-label": "arrivals by time" });
      plot.append(canvas);
      box.append(element("h3", `eAxC ${f.eaxc}, ${f.kind} ${f.port}`), plot);
      requestAnimationFrame(() => draw.histogram(canvas)({ ...f, window_begin_us: begin, window_end_us: end }));
      return box;
    }));
    by_id("windows-note").textContent = `\u00b5s after the ${summary.fronthaul.window_from === "symbol_end" ? "end" : "begin"} of the symbol; the window ${begin}\u2013${end} \u00b5s is shaded; counts on a log axis.${summary.fronthaul.clock === "fitted" ? " The clock was fitted: only the spread is a result." : ""}`;
  };
  const show_grants = () => {
    part("grants", (data.grants || []).length > 0);
    draw.table("grants", ["UE", "slot", "PRB", "MCS", "layers", "bytes"], (data.grants || []).map((g) => draw.row([rnti_text(g.rnti), g.slot, `${g.rb_start}\u2013${g.rb_start + g.rb_size - 1}`, String(g.mcs_index), String(g.layers), grouped(g.tb_size_bytes)])));
    const rest = Object.entries(summary.unsupported || {});
    part("unsupported", rest.length > 0);
    draw.table("unsupported", ["PDU", "count"], rest.map(([what, n]) => draw.row([what, cell(grouped(n), { unsupported: what, value: n })])));
  };

  /// Reports of other commands: their JSON lines as tables, one a type.
  const show_lines = () => {
    for (const name of ["tiles", "ues", "reference", "map", "power", "time", "signal", "outcome", "advice", "stages", "packets", "flows", "grants", "unsupported"]) part(name, false);
    const types = new Map();
    for (const line of data.lines) {
      const type = line.type || (line.summary ? "summary" : "case");
      types.set(type, [...(types.get(type) || []), line]);
    }
    const text = (value) => value === null || value === undefined ? "-" : Array.isArray(value) ? (value.length > 24 ? `${value.slice(0, 24).join(" ")} \u2026` : value.join(" ")) : typeof value === "object" ? Object.entries(value).map(([k, v]) => `${words(k)} ${text(v)}`).join(", ") : typeof value === "number" ? (Number.isInteger(value) ? grouped(value) : figure(value)) : String(value);
    for (const [type, lines] of types) {
      const keys = [...new Set(lines.flatMap((l) => Object.keys(l)))].filter((k) => k !== "type" && k !== "summary");
      const section = element("section", undefined, { class: "wide" }), scroll = element("div", undefined, { class: "scroll tall" }), made = element("table", undefined, { id: `lines-${type}` });
      section.append(element("h2", words(type)), scroll);
      scroll.append(made);
      by_id("report").append(section);
      // One object alone stands as a list of its keys.
      if (lines.length === 1) draw.table(made.id, ["", ""], keys.map((k) => draw.row([words(k), wide(text(lines[0][k]), { type, key: k, value: JSON.stringify(lines[0][k]) })])));
      else draw.table(made.id, keys.map(words), lines.slice(0, 2000).map((l, i) => draw.row(keys.map((k) => marked(l[k], cell(text(l[k]), { type, key: k, line: i, value: JSON.stringify(l[k]) }))))));
      if (lines.length > 2000) section.append(element("p", `The first 2 000 of ${grouped(lines.length)}.`, { class: "faint" }));
    }
  };
  const wide = (text, more) => { const made = cell(text, more); made.classList.add("wrap"); return made; };
  const marked = (value, made) => { if (value === "FAIL") made.classList.add("bad"); if (value === "pass") made.classList.add("good"); return made; };

  const show_all = () => {
    if (data.lines) return;
    for (const show of [show_map, show_power, show_constellations]) show();
  };
  by_id("title").textContent = `pado ${data.kind}`;
  document.title = `pado ${data.kind}: ${data.about}`;
  by_id("no-charts").hidden = Boolean(window.Chart);
  if (data.lines) {
    by_id("about").textContent = data.about;
    if (data.verdict) verdict(data.verdict, data.is_good);
    show_lines();
    by_id("page-end").textContent = `Made by pado ${data.kind}.`;
  } else {
    by_id("about").textContent = `${data.about} | ${data.source} | cell ${data.cell.name}: ${data.cell.scs_khz} kHz, ${data.cell.nof_prb} PRB, ${data.cell.nof_rx_ports} ${data.cell.nof_rx_ports === 1 ? "port" : "ports"}`;
    for (const show of [show_tiles, show_ues, show_time, show_signal, show_outcome, show_stages, show_packets, show_grants]) show();
    show_all();
    by_id("page-end").textContent = "Made by pado replay.";
  }
  addEventListener("redraw", show_all);
  document.body.dataset.ready = "1";
})();
