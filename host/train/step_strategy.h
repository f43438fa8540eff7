// The ways to get training steps done on a device.
#pragma once
#include <cstdint>
#include <memory>

#include "host/model/sharded_step.h"

namespace gan::train {

// Steps of the same kind: of one epoch, on so many rows each, which update the same networks.
struct Part {
  std::int64_t steps;
  int rows;
  model::Turn turn;
};

class StepStrategy {
 public:
  virtual ~StepStrategy() = default;

  // Enqueues the next steps.
  virtual void enqueue(Part part) = 0;

  // Does what must run before the first step and cannot be part of a graph.
  virtual void prepare() {}
  // Called after the networks or the clock were set: what prepare() made is stale.
  virtual void forget() {}

  // How many steps to enqueue at a time, so that a stop is noticed soon.
  virtual std::int64_t stride() const { return 16; }
};

// One train_step() after another: the reference for all others.
template <model::Backend B>
class PlainSteps : public StepStrategy {
 public:
  PlainSteps(const B& backend, model::Gan<B>& gan, const ImageSet& data)
      : backend_(backend), gan_(gan), data_(data) {}

  void enqueue(Part part) override {
    for (; part.steps > 0; --part.steps)
      model::train_step(backend_, gan_, data_, part.rows, part.turn);
  }

 private:
  const B& backend_;
  model::Gan<B>& gan_;
  ImageSet data_;
};

// The same of batches in shards.
template <model::Backend B>
class ShardedSteps : public StepStrategy {
 public:
  using Exchange = model::Exchange<typename B::Real>;

  ShardedSteps(const B& backend, model::Gan<B>& gan, const ImageSet& data, Exchange& exchange)
      : backend_(backend), gan_(gan), data_(data), parts_(backend, gan), exchange_(exchange) {}

  void enqueue(Part part) override {
    for (; part.steps > 0; --part.steps)
      model::sharded_step(backend_, gan_, data_, part.rows, part.turn, parts_, exchange_);
  }

 private:
  const B& backend_;
  model::Gan<B>& gan_;
  ImageSet data_;
  model::GradientParts<B> parts_;
  Exchange& exchange_;
};

// One step after another as the run's settings have them.
template <model::Backend B>
std::unique_ptr<StepStrategy> launched_steps(const B& backend, model::Gan<B>& gan,
                                             const ImageSet& data,
                                             model::Exchange<typename B::Real>& exchange) {
  if (gan.settings.shards > 1)
    return std::make_unique<ShardedSteps<B>>(backend, gan, data, exchange);
  return std::make_unique<PlainSteps<B>>(backend, gan, data);
}

}  // namespace gan::train
