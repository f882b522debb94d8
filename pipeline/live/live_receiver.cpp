// SPDX-License-Identifier: Apache-2.0
#include "pipeline/live/live_receiver.h"
#include <algorithm>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace pado::pipeline {

namespace {

constexpr std::size_t nof_plans = 64;
constexpr std::int64_t idle_look_ns = 10000;   // of looking before a thread sleeps
constexpr std::int64_t least_sleep_ns = 20000; // shorter waits are spent looking: a sleep overshoots by more
constexpr std::int64_t longest_sleep_ns = 1000000; // so that stop() is seen
constexpr std::int64_t longest_drain_ns = 50000000;
constexpr std::int64_t shared_sleep_ns = 50000; // with several ports only the first one wakes the thread

void relax() noexcept
{
#if defined(__x86_64__)
  _mm_pause();
#endif
}

} // namespace

template <backend B>
result<std::unique_ptr<live_receiver<B>>>
live_receiver<B>::make(live_receiver_config config, std::vector<io::port*> ports, const clock& air)
{
  if (config.cells.empty() || config.cells.size() != config.assembler.cells.size()) {
    return error{"live.cells", "must be at least one, and as many as the assembler has"};
  }
  const auto assembler = io::plan_slot_assembler(config.assembler);
  if (!assembler) {
    return assembler.failure();
  }
  return std::unique_ptr<live_receiver>(
      new live_receiver(std::move(config), assembler.value(), std::move(ports), air));
}

template <backend B>
live_receiver<B>::live_receiver(live_receiver_config config,
                                const io::slot_assembler_plan& assembler,
                                std::vector<io::port*> ports,
                                const clock& air)
    : config_(std::move(config)), air_(air), ports_(std::move(ports)),
      assembler_(std::make_unique<io::slot_assembler>(assembler))
{
  std::vector<live_poller::cell_config> polled;
  for (std::size_t i = 0; i < config_.cells.size(); ++i) {
    const live_receiver_config::cell& wanted = config_.cells[i];
    cells_.push_back(std::make_unique<cell_part>(nof_plans, config_.nof_reports, wanted.slots.max_pdus));
    cell_part& own = *cells_.back();
    cell_links<B> links;
    links.assembler = assembler_.get();
    links.orders = &own.orders;
    links.decided = &own.decided;
    links.reports = &own.reports;
    links.air_slot = &own.air_slot;
    links.setup = &own.cell_box;
    own.slots = std::make_unique<live_cell<B>>(wanted.slots, links, air_);
    live_poller::cell_config poll;
    poll.cplane = wanted.cplane;
    poll.setup = std::make_unique<poller_setup>();
    poll.setup->window = config_.assembler.cells[i].window.value_or(io::rx_window{});
    poll.setup->t1a_max_ns = wanted.cplane.t1a_max_ns;
    poll.setup->t1a_min_ns = wanted.cplane.t1a_min_ns;
    poll.links = {&own.decided, &own.orders, &own.air_slot, &own.bell, &own.poller_box};
    poll.port = wanted.port;
    poll.max_pdus = wanted.slots.max_pdus;
    polled.push_back(std::move(poll));
  }
  poller_ = std::make_unique<live_poller>(*assembler_, ports_, std::move(polled));
}

template <backend B>
live_receiver<B>::~live_receiver()
{
  stop();
}

template <backend B>
void live_receiver<B>::start()
{
  is_polling_.store(true, std::memory_order_release);
  is_decoding_.store(true, std::memory_order_release);
  for (const auto& own : cells_) {
    own->thread = std::thread([this, &own = *own] { slot_loop(own); });
  }
  poller_thread_ = std::thread([this] { poll_loop(); });
}

template <backend B>
void live_receiver<B>::stop()
{
  is_polling_.store(false, std::memory_order_release); // pairs with the acquire of poll_loop()
  if (poller_thread_.joinable()) {
    poller_thread_.join();
  }
  is_decoding_.store(false, std::memory_order_release); // pairs with the acquire of slot_loop()
  for (const auto& own : cells_) {
    own->bell.ring();
    if (own->thread.joinable()) {
      own->thread.join();
    }
  }
  assembler_->flush(); // the sequence counts are final; what is handed over now is not decoded
}

template <backend B>
void live_receiver<B>::step() noexcept
{
  poller_->poll(air_.now_ns());
  bool has_worked = true;
  while (has_worked) {
    has_worked = false;
    for (const auto& own : cells_) {
      has_worked = own->slots->step() || has_worked;
    }
    if (has_worked) {
      poller_->poll(air_.now_ns());
    }
  }
}

template <backend B>
void live_receiver<B>::poll_loop() noexcept
{
  const bool is_busy = config_.how == waiting::busy;
  std::int64_t worked_ns = air_.now_ns();
  std::int64_t end_ns = INT64_MAX;
  for (std::int64_t now_ns = air_.now_ns(); now_ns < end_ns; now_ns = air_.now_ns()) {
    if (end_ns == INT64_MAX && !is_polling_.load(std::memory_order_acquire)) {
      // What is in flight is received and decoded; then it is also known what was not received.
      poller_->close();
      end_ns = now_ns + drain_ns();
    }
    if (poller_->poll(now_ns)) {
      worked_ns = now_ns;
      continue;
    }
    const std::int64_t left_ns = std::min(poller_->next_event_ns(now_ns), end_ns) - now_ns;
    if (is_busy || now_ns - worked_ns < idle_look_ns || left_ns < least_sleep_ns) {
      relax();
      continue;
    }
    ports_.front()->wait(std::min(left_ns, ports_.size() > 1 ? shared_sleep_ns : longest_sleep_ns));
    worked_ns = air_.now_ns();
  }
}

template <backend B>
std::int64_t live_receiver<B>::drain_ns() const noexcept
{
  std::int64_t longest_ns = 0;
  for (std::size_t i = 0; i < config_.cells.size(); ++i) {
    const std::int64_t window_ns = config_.assembler.cells[i].window.value_or(io::rx_window{}).latest_ns;
    longest_ns = std::max(longest_ns, window_ns + 6 * config_.cells[i].slots.time.scs.slot_ns());
  }
  return std::min(longest_ns, longest_drain_ns);
}

template <backend B>
void live_receiver<B>::slot_loop(cell_part& own) noexcept
{
  const bool is_busy = config_.how == waiting::busy;
  while (true) {
    const std::uint32_t seen = own.bell.nof_rings();
    const bool is_last = !is_decoding_.load(std::memory_order_acquire);
    if (own.slots->step()) {
      continue;
    }
    if (is_last) {
      return;
    }
    if (is_busy) {
      relax();
    } else {
      own.bell.wait(seen);
    }
  }
}

template class live_receiver<backend::cpu>;
template class live_receiver<backend::cuda>;

} // namespace pado::pipeline
