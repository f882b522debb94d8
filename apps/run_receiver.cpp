// SPDX-License-Identifier: Apache-2.0
#include "apps/run_receiver.h"

namespace pado::apps {

namespace {

template <backend B>
class receiver_on final : public run_receiver {
public:
  receiver_on(std::unique_ptr<pipeline::live_receiver<B>> live, const clock& time)
      : live_(std::move(live)), time_(time)
  {
  }

  std::unique_ptr<spare> make_spare(std::size_t cell, request wanted) const override
  {
    auto made = std::make_unique<spare_on>();
    made->setup = std::make_unique<pipeline::cell_setup<B>>();
    made->setup->plan = wanted.plan;
    made->setup->pipeline =
        std::make_unique<pipeline::slot_pipeline<B>>(wanted.plan, live_->soft(cell), time_);
    made->setup->decisions = std::move(wanted.decisions);
    made->setup->window_ns = wanted.window_ns;
    return made;
  }
  bool put(std::size_t cell, std::unique_ptr<spare>& made) override
  {
    return live_->put(cell, static_cast<spare_on&>(*made).setup);
  }
  bool put(std::size_t cell, std::unique_ptr<pipeline::poller_setup> setup) override
  {
    return live_->put(cell, setup);
  }

  pipeline::numbered_plan* begin_plan(std::size_t cell) override { return live_->begin_plan(cell); }
  void submit(std::size_t cell, pipeline::numbered_plan* plan) override { live_->submit(cell, plan); }
  pipeline::live_report* pop(std::size_t cell) override { return live_->pop(cell); }
  void release(std::size_t cell, pipeline::live_report* report) override { live_->release(cell, report); }

  void start() override { live_->start(); }
  void stop() override { live_->stop(); }
  void step() override { live_->step(); }

  const pipeline::live_receiver_config& config() const override { return live_->config(); }
  const io::slot_assembler& assembler() const override { return live_->assembler(); }
  const pipeline::live_poller& poller() const override { return live_->poller(); }
  const pipeline::live_cell_counters& counters(std::size_t cell) const override
  {
    return live_->counters(cell);
  }
  std::uint64_t nof_harq_evictions(std::size_t cell) const override
  {
    return live_->nof_harq_evictions(cell);
  }
  std::uint64_t nof_reports_lost(std::size_t cell) const override { return live_->nof_reports_lost(cell); }

private:
  struct spare_on final : spare {
    std::unique_ptr<pipeline::cell_setup<B>> setup;
  };
  std::unique_ptr<pipeline::live_receiver<B>> live_;
  const clock& time_;
};

template <backend B>
result<std::unique_ptr<run_receiver>>
make_on(const pipeline::live_receiver_config& config, const std::vector<io::port*>& ports, const clock& air)
{
  auto live = pipeline::live_receiver<B>::make(config, ports, air);
  if (!live) {
    return live.failure();
  }
  return std::unique_ptr<run_receiver>(std::make_unique<receiver_on<B>>(std::move(live).value(), air));
}

} // namespace

result<std::unique_ptr<run_receiver>> run_receiver::make(backend where,
                                                         const pipeline::live_receiver_config& config,
                                                         const std::vector<io::port*>& ports,
                                                         const clock& air)
{
  return where == backend::cpu ? make_on<backend::cpu>(config, ports, air)
                               : make_on<backend::cuda>(config, ports, air);
}

} // namespace pado::apps
