// SPDX-License-Identifier: Apache-2.0
#include "apps/run_control.h"
#include "apps/fapi_indication.h"
#include "apps/live_server.h"
#include "apps/ru_grants.h"
#include "apps/run_input.h"
#include "apps/run_output.h"
#include "apps/run_print.h"
#include "apps/run_session.h"
#include "apps/terminal.h"
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace pado::apps {

struct run_control::parts {
  parts(const run_arguments& from, const clock& clock)
      : arguments(from), time(clock), signals(context, SIGINT, SIGTERM, SIGHUP), timer(context)
  {
  }

  void report(const pipeline::live_report& done);
  void report_granted(const slot_grants& grants);
  void report_fapi(const pipeline::live_report& done, numerology scs);
  void take_line(std::string_view line);
  void refuse(const std::string& why);
  void leave_out(const slot_plan& plan);
  void say_left_out(const char* where) const;
  void on_signal(int number);
  void on_timer();
  void reload();
  void show();
  void wait_signal();
  void wait_timer();
  std::array<std::pair<const char*, run_output*>, 3> outputs() const
  {
    return {std::pair("--results", results.get()),
            std::pair("--grants", grants.get()),
            std::pair("--fapi", fapi.get())};
  }

  const run_arguments& arguments;
  const clock& time;
  boost::asio::io_context context;
  boost::asio::signal_set signals;
  boost::asio::steady_timer timer;
  std::chrono::microseconds period{2000};
  std::unique_ptr<run_session> session;
  std::unique_ptr<run_output> results;
  std::unique_ptr<run_output> grants;
  std::unique_ptr<run_output> fapi;
  std::unique_ptr<run_input> l2;
  std::shared_ptr<ru_grant_desk> desk;
  std::unique_ptr<live_server> server;
  io::port* link = nullptr;
  std::uint64_t nof_l2_refused = 0;
  std::map<std::string, std::uint64_t> not_decoded; ///< PDUs by kind and reason, of schedules and of --l2
  std::string last_l2_refusal;
  std::int64_t next_show_ns = 0;
  bool is_reload_due = false;
  bool is_stopping = false;
  bool is_cut = false;
};

namespace {

/// Opens what is named; nothing for an empty name.
template <class Stream>
std::optional<error> open_named(const std::string& name, std::unique_ptr<Stream>& to)
{
  if (name.empty()) {
    return std::nullopt;
  }
  auto opened = Stream::open(name);
  if (!opened) {
    return opened.failure();
  }
  to = std::move(opened).value();
  return std::nullopt;
}

} // namespace

run_control::run_control(const run_arguments& arguments, const clock& time)
    : parts_(std::make_unique<parts>(arguments, time))
{
}

run_control::~run_control() = default;

result<nothing> run_control::open(io::port& link, std::shared_ptr<ru_grant_desk> desk)
{
  parts& p = *parts_;
  p.link = &link;
  p.desk = std::move(desk);
  for (const std::optional<error>& failure : {open_named(p.arguments.results, p.results),
                                              open_named(p.arguments.grants, p.grants),
                                              open_named(p.arguments.fapi, p.fapi),
                                              open_named(p.arguments.options.l2, p.l2)}) {
    if (failure) {
      return *failure;
    }
  }
  auto session = run_session::open(
      p.arguments.options, link, p.time, [&p](const pipeline::live_report& done) { p.report(done); });
  if (!session) {
    return session.failure();
  }
  p.session = std::move(session).value();
  for (const run_cell& cell : p.session->cells()) {
    for (const scheduled_slot& slot : cell.lines.slots) {
      p.leave_out(slot.plan);
    }
  }
  p.say_left_out("a round of the schedule");
  p.not_decoded.clear();
  if (p.arguments.metrics_port >= 0) {
    live_server_config config;
    config.listen = p.arguments.listen.empty() ? "127.0.0.1" : p.arguments.listen;
    config.port = static_cast<std::uint16_t>(p.arguments.metrics_port);
    config.content.has_page = p.arguments.has_page;
    auto server = live_server::open(
        config, [&p] { return p.session->status(); }, &p.context);
    if (!server) {
      return server.failure();
    }
    p.server = std::move(server).value();
    if (!p.arguments.is_json && !p.arguments.is_quiet) {
      fmt::print("metrics{} on {}\n", p.arguments.has_page ? " and page" : "", p.server->url());
    }
  }
  // Grants must reach UEs within a part of a slot; results may wait a little.
  if (p.grants || p.desk || p.l2) {
    p.period = std::chrono::microseconds(250);
  }
  return nothing{};
}

void run_control::parts::report(const pipeline::live_report& done)
{
  if (done.what == pipeline::live_report::kind::granted) {
    report_granted(done.grants);
    return;
  }
  const numerology scs = session->cells()[static_cast<std::size_t>(done.report.cell)].cell.carrier.scs;
  report_fapi(done, scs);
  if (results || arguments.is_json) {
    const std::string line = report_json(done, scs);
    if (results) {
      results->write(line);
    }
    if (arguments.is_json) {
      std::fputs(line.c_str(), stdout);
    }
  }
}

void run_control::parts::report_granted(const slot_grants& granted)
{
  if (grants) {
    const auto cell = static_cast<std::size_t>(granted.cell);
    grants->write(grants_line(granted, session->cells()[cell].cell.carrier.scs));
    grants->tick(time.now_ns());
  }
  if (desk) {
    slot_plan plan;
    plan.slot = granted.slot;
    plan.pusch = granted.pusch;
    desk->submit(std::move(plan));
  }
}

void run_control::parts::report_fapi(const pipeline::live_report& done, numerology scs)
{
  if (!fapi || done.report.pusch.empty()) {
    return;
  }
  const auto what = done.what == pipeline::live_report::kind::decoded ? indication_of::decoded
                                                                      : indication_of::not_received;
  const bool is_json = arguments.is_fapi_json;
  fapi->write(is_json ? crc_indication_json(done.report, scs, what) : crc_indication(done.report, scs, what));
  fapi->write(is_json ? rx_data_indication_json(done.report) : rx_data_indication(done.report));
}

void run_control::parts::refuse(const std::string& why)
{
  ++nof_l2_refused;
  last_l2_refusal = why;
}

void run_control::parts::leave_out(const slot_plan& plan)
{
  for (const unsupported_pdu& pdu : plan.unsupported) {
    ++not_decoded[pdu.kind + " (" + pdu.why + ")"];
  }
}

void run_control::parts::say_left_out(const char* where) const
{
  for (const auto& [name, count] : not_decoded) {
    std::fprintf(stderr,
                 "pado run: not decoded yet, in %s: %llu %s\n",
                 where,
                 static_cast<unsigned long long>(count),
                 name.c_str());
  }
}

void run_control::parts::take_line(std::string_view line)
{
  const auto parsed = parse_schedule(line, "--l2");
  if (!parsed) {
    refuse(parsed.failure().text());
    return;
  }
  for (const scheduled_slot& slot : parsed.value().slots) {
    leave_out(slot.plan);
    if (const auto failure = session->submit(0, slot.plan)) {
      refuse(failure->text());
      continue;
    }
    slot_grants granted;
    granted.slot = slot.plan.slot;
    granted.pusch = slot.plan.pusch;
    report_granted(granted);
  }
}

void run_control::parts::on_signal(int number)
{
  if (number == SIGHUP) {
    is_reload_due = true;
    return;
  }
  if (is_stopping) {
    std::_Exit(128 + number); // the second one: at once
  }
  is_stopping = true;
  is_cut = true;
}

void run_control::parts::show()
{
  const bool is_wanted = !arguments.is_quiet && !arguments.is_json && is_terminal(stderr);
  if (is_wanted && time.now_ns() >= next_show_ns) {
    next_show_ns = time.now_ns() + 1'000'000'000;
    fmt::print(stderr, "\r\x1b[K{}", status_line(session->status()));
    std::fflush(stderr);
  }
}

/// One change after the other: what is asked for while one is made is made after it.
void run_control::parts::reload()
{
  if (const auto done = session->take_reload()) {
    std::fprintf(stderr,
                 "pado run: %s\n",
                 *done ? "cell.yaml is taken over"
                       : ("nothing is changed: " + done->failure().text()).c_str());
  }
  if (is_reload_due && session->begin_reload()) {
    is_reload_due = false;
  }
}

void run_control::parts::on_timer()
{
  session->tick();
  reload();
  if (l2) {
    l2->tick([this](std::string_view line) { take_line(line); });
  }
  const std::int64_t now_ns = time.now_ns();
  for (const auto& [name, output] : outputs()) {
    if (output != nullptr) {
      output->tick(now_ns);
    }
  }
  show();
  const double elapsed_s = static_cast<double>(now_ns - session->started_ns()) / 1e9;
  is_stopping =
      is_stopping || (arguments.seconds > 0.0 && elapsed_s >= arguments.seconds) || link->has_ended();
}

void run_control::parts::wait_signal()
{
  signals.async_wait([this](const boost::system::error_code& failed, int number) {
    if (!failed) {
      on_signal(number);
      wait_signal();
    }
  });
}

void run_control::parts::wait_timer()
{
  timer.expires_after(period);
  timer.async_wait([this](const boost::system::error_code& failed) {
    if (failed) {
      return;
    }
    on_timer();
    if (is_stopping) {
      context.stop();
    } else {
      wait_timer();
    }
  });
}

void run_control::run()
{
  parts_->session->start();
  parts_->wait_signal();
  parts_->wait_timer();
  parts_->context.run();
  parts_->signals.clear(); // from here on a signal ends the process at once
  parts_->session->stop();
}

void run_control::finish()
{
  parts& p = *parts_;
  p.server.reset();
  const live_status last = p.session->status();
  if (p.arguments.is_json) {
    std::fputs(run_summary_json(last).c_str(), stdout);
  } else {
    if (!p.arguments.is_quiet && is_terminal(stderr)) {
      std::fputs("\r\x1b[K", stderr);
    }
    std::fputs(run_summary_text(last).c_str(), stdout);
  }
  for (const auto& [name, output] : p.outputs()) {
    if (output != nullptr && output->nof_dropped() > 0) {
      std::fprintf(stderr,
                   "pado run: %s: %llu records were dropped: no reader, or a slow one\n",
                   name,
                   static_cast<unsigned long long>(output->nof_dropped()));
    }
  }
  p.say_left_out("lines of --l2");
  if (p.nof_l2_refused > 0) {
    std::fprintf(stderr,
                 "pado run: --l2: %llu slots refused; the last one: %s\n",
                 static_cast<unsigned long long>(p.nof_l2_refused),
                 p.last_l2_refusal.c_str());
  }
  if (p.is_cut) {
    std::fprintf(stderr, "pado run: interrupted: the summary is of what was done until then\n");
  }
}

} // namespace pado::apps
