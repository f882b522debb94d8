// SPDX-License-Identifier: Apache-2.0
#include "apps/live_metrics.h"
#include "core/histogram.h"
#include <fmt/format.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sstream>

namespace pado::apps {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

/// One family under way.
class family {
public:
  family(std::vector<prometheus::MetricFamily>& all, const char* name, const char* help, MetricType type)
      : all_(all)
  {
    made_.name = name;
    made_.help = help;
    made_.type = type;
  }
  /// A family without a sample would be a heading over nothing.
  ~family()
  {
    if (!made_.metric.empty()) {
      all_.push_back(std::move(made_));
    }
  }
  family(const family&) = delete;
  family& operator=(const family&) = delete;

  void add(labels with, double value)
  {
    ClientMetric& metric = made_.metric.emplace_back();
    metric.label = std::move(with);
    (made_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  }
  void add(labels with, std::uint64_t value) { add(std::move(with), static_cast<double>(value)); }
  void add(labels with, ClientMetric::Histogram histogram)
  {
    ClientMetric& metric = made_.metric.emplace_back();
    metric.label = std::move(with);
    metric.histogram = std::move(histogram);
  }

private:
  std::vector<prometheus::MetricFamily>& all_;
  prometheus::MetricFamily made_;
};

/// Collects families; `counter` and `gauge` begin one.
struct exposition {
  std::vector<prometheus::MetricFamily> all;

  family counter(const char* name, const char* help) { return {all, name, help, MetricType::Counter}; }
  family gauge(const char* name, const char* help) { return {all, name, help, MetricType::Gauge}; }
  family histogram(const char* name, const char* help) { return {all, name, help, MetricType::Histogram}; }
};

double seconds(std::int64_t ns)
{
  return static_cast<double>(ns) / 1e9;
}

void add_process(exposition& out, const live_status& status)
{
  out.gauge("pado_info", "What runs; always 1")
      .add({{"backend", status.backend}, {"port", status.port}}, 1.0);
  family state = out.gauge("pado_state", "1 for the state that pado run is in, 0 for the others");
  for (const char* name : {"starting", "running", "stopping", "faulted"}) {
    state.add({{"state", name}}, status.state == name ? 1.0 : 0.0);
  }
  out.gauge("process_start_time_seconds", "Start, seconds since 1970").add({}, seconds(status.started_ns));
  out.gauge("process_resident_memory_bytes", "Resident memory").add({}, status.rss_bytes);
}

void add_packets(exposition& out, const live_status& status)
{
  {
    family frames = out.counter("pado_port_frames_total", "Frames counted by the port");
    family bytes = out.counter("pado_port_bytes_total", "Bytes counted by the port");
    for (const auto& [name, count] : status.port_counts) {
      const std::size_t suffix = name.rfind("_bytes");
      if (suffix != std::string::npos && suffix + 6 == name.size()) {
        bytes.add({{"event", name.substr(0, suffix)}}, count);
      } else {
        frames.add({{"event", name}}, count);
      }
    }
  }
  family received = out.counter("pado_packets_received_total", "received = accepted + sum of dropped");
  family accepted = out.counter("pado_packets_accepted_total", "Packets that were used");
  family dropped =
      out.counter("pado_packets_dropped_total", "Packets that were not used, each by one reason");
  for (const law_status& law : status.laws) {
    received.add({{"what", law.what}}, law.received);
    accepted.add({{"what", law.what}}, law.accepted);
    for (const auto& [reason, count] : law.dropped) {
      dropped.add({{"what", law.what}, {"reason", reason}}, count);
    }
  }
}

labels labels_of(const flow_status& flow)
{
  return {{"cell", std::to_string(flow.cell)},
          {"eaxc", std::to_string(flow.eaxc)},
          {"port", std::to_string(flow.port)},
          {"channel", flow.is_prach ? "prach" : "pusch"}};
}

labels with(labels base, const char* name, const char* value)
{
  base.push_back({name, value});
  return base;
}

/// Arrivals against the window as a histogram; the sum takes every arrival at the middle of its bin.
ClientMetric::Histogram arrival_histogram(const flow_status& flow)
{
  ClientMetric::Histogram out;
  const std::int64_t first_us = flow.window_begin_us - 8LL * flow.bin_us;
  for (std::size_t bin = 0; bin < flow.arrivals.size(); ++bin) {
    const std::int64_t begin_us = first_us + static_cast<std::int64_t>(bin) * flow.bin_us;
    out.sample_count += flow.arrivals[bin];
    out.sample_sum += static_cast<double>(flow.arrivals[bin]) *
                      (static_cast<double>(begin_us) + 0.5 * static_cast<double>(flow.bin_us)) / 1e6;
    if (bin + 1 < flow.arrivals.size()) { // the last one has no end
      out.bucket.push_back({out.sample_count, static_cast<double>(begin_us + flow.bin_us) / 1e6});
    }
  }
  out.bucket.push_back({out.sample_count, std::numeric_limits<double>::infinity()});
  return out;
}

void add_flows(exposition& out, const live_status& status)
{
  family messages = out.counter("pado_flow_messages_total", "eCPRI messages by eAxC and what became of them");
  family window = out.counter("pado_flow_window_total", "Messages against the reception window");
  family arrival = out.histogram("pado_flow_arrival_seconds",
                                 "Arrival of messages; the window is in pado_flow_window_seconds");
  family edge = out.gauge("pado_flow_window_seconds", "Edges of the reception window");
  for (const flow_status& flow : status.flows) {
    const labels who = labels_of(flow);
    messages.add(with(who, "event", "received"), flow.messages);
    messages.add(with(who, "event", "lost"), flow.lost);
    messages.add(with(who, "event", "reordered"), flow.reordered);
    messages.add(with(who, "event", "repeated"), flow.repeated);
    messages.add(with(who, "event", "corrupt"), flow.corrupt);
    messages.add(with(who, "event", "duplicate"), flow.duplicate);
    window.add(with(who, "verdict", "on_time"), flow.on_time);
    window.add(with(who, "verdict", "early"), flow.early);
    window.add(with(who, "verdict", "late"), flow.late);
    if (flow.bin_us > 0 && !flow.arrivals.empty()) {
      arrival.add(who, arrival_histogram(flow));
      edge.add(with(who, "edge", "begin"), static_cast<double>(flow.window_begin_us) / 1e6);
      edge.add(with(who, "edge", "end"), static_cast<double>(flow.window_end_us) / 1e6);
    }
  }
}

void add_cells(exposition& out, const live_status& status)
{
  family slots = out.counter("pado_cell_slots_total", "Uplink slots by what arrived of them");
  family decoded = out.counter("pado_cell_slots_decoded_total", "Slots with a report");
  family misses =
      out.counter("pado_cell_deadline_misses_total", "Slots whose report came after the deadline");
  family blocks = out.counter("pado_cell_transport_blocks_total", "Transport blocks by CRC");
  family dtx = out.counter("pado_cell_dtx_total", "Grants in whose slot the UE sent nothing");
  family cplane =
      out.counter("pado_cell_cplane_messages_total", "C-plane messages sent, or too late to send");
  family advice =
      out.counter("pado_cell_advice_total", "Decisions by advice of the model, or by the fallback");
  family prbs = out.gauge("pado_cell_prbs", "PRBs of the carrier");
  for (std::size_t i = 0; i < status.cells.size(); ++i) {
    const live_status::cell_status& cell = status.cells[i];
    const labels who = {{"cell", std::to_string(i)}, {"name", cell.name}};
    slots.add(with(who, "result", "complete"), cell.slots_complete);
    slots.add(with(who, "result", "incomplete"), cell.slots_incomplete);
    slots.add(with(who, "result", "without_data"), cell.slots_without_data);
    slots.add(with(who, "result", "shed"), cell.slots_shed);
    decoded.add(who, cell.slots_decoded);
    misses.add(who, cell.deadline_misses);
    blocks.add(with(who, "crc", "ok"), cell.nof_tb - std::min(cell.nof_tb, cell.nof_tb_failed));
    blocks.add(with(who, "crc", "failed"), cell.nof_tb_failed);
    dtx.add(who, cell.nof_dtx);
    cplane.add(with(who, "result", "sent"), cell.cplane_sent);
    cplane.add(with(who, "result", "late"), cell.cplane_late);
    advice.add(with(who, "source", "model"), cell.advice_used);
    advice.add(with(who, "source", "fallback"), cell.advice_fallback);
    prbs.add(who, static_cast<double>(cell.nof_prb));
  }
}

void add_pollers(exposition& out, const live_status& status)
{
  family plans = out.counter("pado_cell_plans_total", "Grants of a slot by what became of them");
  family skipped = out.counter("pado_cell_slots_skipped_total", "Slots that passed while a thread was away");
  family unread =
      out.counter("pado_cell_reports_lost_total", "Reports that the control thread had no room for");
  family longest = out.gauge("pado_poller_cycle_max_seconds",
                             "Longest time between two looks at the ports, since the start");
  family cycles = out.counter("pado_poller_long_cycles_total", "Looks at the ports more than a slot apart");
  for (std::size_t i = 0; i < status.cells.size(); ++i) {
    const live_status::cell_status& cell = status.cells[i];
    const labels who = {{"cell", std::to_string(i)}, {"name", cell.name}};
    plans.add(with(who, "result", "taken"), cell.plans);
    plans.add(with(who, "result", "late"), cell.plans_late);
    plans.add(with(who, "result", "early"), cell.plans_early);
    plans.add(with(who, "result", "twice"), cell.plans_twice);
    plans.add(with(who, "result", "lost"), cell.plans_lost);
    skipped.add(with(who, "thread", "poller"), cell.slots_unpolled);
    skipped.add(with(who, "thread", "slot"), cell.slots_undecided);
    unread.add(who, cell.reports_lost);
    longest.add(who, seconds(cell.max_cycle_ns));
    cycles.add(who, cell.cycles_over_slot);
  }
}

ClientMetric::Histogram duration_buckets(const histogram_status& latency)
{
  ClientMetric::Histogram out;
  out.sample_count = latency.count;
  out.sample_sum = static_cast<double>(latency.sum_ns) / 1e9;
  std::uint64_t below = 0;
  std::size_t bin = 0;
  const auto add_up_to = [&](std::int64_t end_ns) {
    while (bin < latency.bins.size() && duration_histogram::bin_begin_ns(bin) < end_ns) {
      below += latency.bins[bin++];
    }
    // Times are whole ns, so what is below the bin's end is at most 1 ns less.
    out.bucket.push_back({below, seconds(end_ns - 1)});
  };
  for (std::int64_t end_ns = 1024; end_ns <= std::int64_t{1} << 30; end_ns *= 2) {
    add_up_to(end_ns);
    add_up_to(end_ns + end_ns / 2);
  }
  // Bins and count are read one after the other while they grow.
  out.sample_count = std::max(out.sample_count, below);
  out.bucket.push_back({out.sample_count, std::numeric_limits<double>::infinity()});
  return out;
}

void add_latencies(exposition& out, const live_status& status)
{
  family duration = out.histogram("pado_duration_seconds",
                                  "air_to_report: end of the slot on air to its report; others: one stage");
  family longest = out.gauge("pado_duration_max_seconds", "Longest since the start");
  for (const histogram_status& latency : status.latencies) {
    duration.add({{"span", latency.name}}, duration_buckets(latency));
    longest.add({{"span", latency.name}}, seconds(latency.max_ns));
  }
}

void add_ues(exposition& out, const live_status& status)
{
  family blocks = out.counter("pado_ue_transport_blocks_total", "Transport blocks by CRC, all transmissions");
  family dtx = out.counter("pado_ue_dtx_total", "Grants in whose slot the UE sent nothing");
  family sinr = out.gauge("pado_ue_sinr_db", "SINR of the last PUSCH after the equaliser");
  family ta =
      out.gauge("pado_ue_ta_seconds", "Delay of the last PUSCH against the slot grid, positive: late");
  family cfo = out.gauge("pado_ue_cfo_hz", "Carrier offset of the last PUSCH");
  family mcs = out.gauge("pado_ue_mcs_index", "MCS of the last PUSCH");
  family layers = out.gauge("pado_ue_layers", "Layers of the last PUSCH");
  family rate = out.gauge("pado_ue_throughput_bits_per_second", "Delivered in the last second");
  for (const ue_status& ue : status.ues) {
    const labels who = {{"cell", std::to_string(ue.cell)}, {"rnti", fmt::format("0x{:04x}", ue.rnti)}};
    blocks.add(with(who, "crc", "ok"), ue.nof_tb - std::min(ue.nof_tb, ue.nof_tb_failed));
    blocks.add(with(who, "crc", "failed"), ue.nof_tb_failed);
    dtx.add(who, ue.nof_dtx);
    sinr.add(who, static_cast<double>(ue.sinr_db));
    ta.add(who, static_cast<double>(ue.ta_us) / 1e6);
    cfo.add(who, static_cast<double>(ue.cfo_hz));
    layers.add(who, static_cast<double>(ue.nof_layers));
    mcs.add(with(who, "table", std::to_string(ue.mcs_table).c_str()), static_cast<double>(ue.mcs_index));
    rate.add(who, static_cast<double>(ue.throughput_mbps) * 1e6);
  }
}

} // namespace

std::string live_metrics(const live_status& status)
{
  exposition out;
  add_process(out, status);
  add_packets(out, status);
  add_flows(out, status);
  add_cells(out, status);
  add_pollers(out, status);
  add_latencies(out, status);
  add_ues(out, status);
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, out.all);
  return text.str();
}

} // namespace pado::apps
