// SPDX-License-Identifier: Apache-2.0
#include "pipeline/slot_engine.h"
#include "pipeline/slot_leases.h"
#include "pipeline/stored_slot.h"
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace pado::pipeline {

namespace {

/// One slot on its way. Written by the feeding thread before it is posted and after it is done, by its worker
/// between.
struct job {
  stored_slot slot;
  slot_plan plan;
  slot_leases leases;
  slot_report report;
  bool is_done = false; ///< guarded by the engine's mutex
};

bool has_retransmission(const slot_plan& plan)
{
  for (const pusch_pdu& pdu : plan.pusch) {
    if (!pdu.new_data) {
      return true;
    }
  }
  return false;
}

} // namespace

template <backend B>
struct slot_engine<B>::state {
  state(const slot_pipeline_plan& p, const slot_engine_config& config, const clock& time, sink on_report)
      : plan(p), deliver(std::move(on_report)), pool(config.nof_harq_blocks),
        soft(static_cast<std::size_t>(pool.memory_bytes())),
        workers(static_cast<std::size_t>(config.nof_workers))
  {
    for (std::int32_t worker = 0; worker < config.nof_workers; ++worker) {
      pipelines.push_back(
          std::make_unique<slot_pipeline<B>>(plan, soft.as(static_cast<std::int32_t>(soft.size())), time));
      idle.push_back(pipelines.back().get());
    }
  }

  slot_pipeline_plan plan;
  sink deliver;
  harq_pool pool;
  buffer<std::int8_t, memory_of<B>> soft;
  std::vector<std::unique_ptr<slot_pipeline<B>>> pipelines;
  std::vector<slot_pipeline<B>*> idle;        ///< guarded by mutex
  std::deque<std::unique_ptr<job>> in_flight; ///< feeding thread only
  std::vector<std::unique_ptr<job>> spare;    ///< feeding thread only
  std::int64_t nof_fed = 0;
  std::mutex mutex;
  std::condition_variable changed;
  boost::asio::thread_pool workers; ///< last member: joined before anything that jobs use goes away

  /// Delivers the oldest slots that are done; waits until at most `most` are in flight.
  void deliver_done(std::size_t most)
  {
    while (!in_flight.empty()) {
      job& oldest = *in_flight.front();
      {
        std::unique_lock<std::mutex> lock(mutex);
        if (in_flight.size() > most) {
          changed.wait(lock, [&] { return oldest.is_done; });
        } else if (!oldest.is_done) {
          return;
        }
      }
      oldest.leases.release(pool, oldest.report);
      deliver(oldest.report, oldest.slot.slot());
      spare.push_back(std::move(in_flight.front()));
      in_flight.pop_front();
    }
  }

  void run(job& mine)
  {
    slot_pipeline<B>* pipeline = nullptr;
    {
      const std::lock_guard<std::mutex> lock(mutex);
      pipeline = idle.back();
      idle.pop_back();
    }
    pipeline->run(mine.slot.slot(), mine.plan, mine.leases.places(), mine.report);
    {
      const std::lock_guard<std::mutex> lock(mutex);
      idle.push_back(pipeline);
      mine.is_done = true;
    }
    changed.notify_one();
  }
};

template <backend B>
slot_engine<B>::slot_engine(const slot_pipeline_plan& plan,
                            const slot_engine_config& config,
                            const clock& time,
                            sink on_report)
    : state_(std::make_unique<state>(plan, config, time, std::move(on_report)))
{
}

template <backend B>
slot_engine<B>::~slot_engine()
{
  state_->workers.join();
}

template <backend B>
void slot_engine<B>::feed(const uplink_slot& slot, const slot_plan& plan)
{
  state& s = *state_;
  s.deliver_done(has_retransmission(plan) ? 0 : 2 * s.pipelines.size() - 1);
  std::unique_ptr<job> next = s.spare.empty() ? std::make_unique<job>() : std::move(s.spare.back());
  if (!s.spare.empty()) {
    s.spare.pop_back();
  }
  next->slot.store(slot);
  next->plan = plan;
  next->is_done = false;
  next->leases.acquire(s.pool, s.plan.program, next->plan, s.nof_fed);
  ++s.nof_fed;
  job* posted = next.get();
  s.in_flight.push_back(std::move(next));
  boost::asio::post(s.workers, [&s, posted] { s.run(*posted); });
}

template <backend B>
void slot_engine<B>::finish()
{
  state_->deliver_done(0);
}

template <backend B>
std::uint64_t slot_engine<B>::nof_harq_evictions() const
{
  return state_->pool.nof_evicted();
}

template class slot_engine<backend::cpu>;
template class slot_engine<backend::cuda>;

} // namespace pado::pipeline
