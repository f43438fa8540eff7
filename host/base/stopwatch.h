#pragma once
#include <chrono>

namespace gan::base {

// Counts seconds, but for the lives of its pauses.  There is one pause at a time.
class Stopwatch {
 public:
  explicit Stopwatch(double seconds_before) : counted_(seconds_before) {}

  double seconds() const { return paused_ ? counted_ : counted_ + running(); }

  class Pause {
   public:
    explicit Pause(Stopwatch& stopwatch) : stopwatch_(stopwatch) {
      stopwatch_.counted_ += stopwatch_.running();
      stopwatch_.paused_ = true;
    }
    ~Pause() {
      stopwatch_.since_ = SteadyClock::now();
      stopwatch_.paused_ = false;
    }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Stopwatch& stopwatch_;
  };

 private:
  using SteadyClock = std::chrono::steady_clock;

  double running() const {
    return std::chrono::duration<double>(SteadyClock::now() - since_).count();
  }

  double counted_;
  SteadyClock::time_point since_ = SteadyClock::now();
  bool paused_ = false;
};

}  // namespace gan::base
