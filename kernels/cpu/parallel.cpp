#include "kernels/cpu/parallel.h"

#include <cblas.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "kernels/cpu/cores.h"
#include "kernels/cpu/denormals.h"
#include "kernels/cpu/memory.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace gan {
namespace {

// Pauses a thread that spins.
void pause_spinning() {
#if defined(__x86_64__)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until `value` is no longer `old`.  It spins as long as the next operation of a step can be
// expected, then it sleeps.
template <class T>
void wait_while(const std::atomic<T>& value, T old) {
  constexpr int kSpins = 2000;  // some 20 to 50 µs
  for (int i = 0; i < kSpins; ++i) {
    if (value.load(std::memory_order_acquire) != old) return;
    pause_spinning();
  }
  value.wait(old, std::memory_order_acquire);
}

// A pool of threads.  The caller of run() works, too.  OpenBLAS's own threads stay unused: they
// only do products, and two sets of threads would compete for the processors.
class Pool {
 public:
  // Returns the pool.  The first call starts it with `threads` threads, or, if that is 0, with as
  // many as cores and memory allow.
  static Pool& instance(int threads) {
    static Pool pool(threads > 0 ? threads : threads_that_fit());
    return pool;
  }

  ~Pool() { stop(); }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  void resize(int threads) {
    while (busy_.test_and_set(std::memory_order_acquire)) pause_spinning();
    const Release release(busy_);
    if (static_cast<std::size_t>(std::max(threads, 1)) == workers_.size() + 1) return;
    require_product_buffers(threads);
    stop();
    start(threads);
  }

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  void run(const RangeWork& work) {
    const std::size_t pieces = work.pieces();
    if (pieces <= 1 || workers_.empty() || busy_.test_and_set(std::memory_order_acquire)) {
      for (std::size_t i = 0; i < pieces; ++i) work.do_piece(i);
      return;
    }
    const Release release(busy_);
    share(work);
  }

 private:
  explicit Pool(int threads) {
    openblas_set_num_threads(1);
    require_product_buffers(threads);
    start(threads);
  }

  struct Release {
    explicit Release(std::atomic_flag& busy) : flag(busy) {}
    ~Release() { flag.clear(std::memory_order_release); }
    Release(const Release&) = delete;
    Release& operator=(const Release&) = delete;
    std::atomic_flag& flag;
  };

  static int threads_that_fit() {
    int threads = available_cores();
    while (threads > 1 && !can_have(static_cast<std::size_t>(threads) * kProductBuffer))
      threads /= 2;
    return threads;
  }

  void require_product_buffers(int threads) const {
    if (threads <= buffers_) return;
    require_memory(
        static_cast<std::size_t>(threads - buffers_) * kProductBuffer,
        "a matrix product on " + std::to_string(threads) + (threads == 1 ? " thread" : " threads"));
  }

  // Does the work together with the other threads.  Called by the thread that holds busy_.
  void share(const RangeWork& work) {
    const auto pieces = static_cast<std::uint32_t>(work.pieces());
    work_ = work;
    control_ = floating_point_control();
    unfinished_.store(pieces, std::memory_order_relaxed);
    ++turn_;
    tickets_.store({turn_, pieces}, std::memory_order_release);
    tickets_.notify_all();
    while (do_next_piece()) {
    }
    for (std::uint32_t left; (left = unfinished_.load(std::memory_order_acquire)) > 0;)
      wait_while(unfinished_, left);
  }

  // Takes the last piece that nobody has begun, and does it; returns false if there is none.  work_
  // may be read once a piece is taken: it does not change before that piece is finished.
  bool do_next_piece() {
    Tickets tickets = tickets_.load(std::memory_order_acquire);
    do {
      if (tickets.left == 0) return false;
    } while (!tickets_.compare_exchange_weak(tickets, {tickets.turn, tickets.left - 1},
                                             std::memory_order_acq_rel, std::memory_order_acquire));
    set_floating_point_control(control_);
    work_.do_piece(tickets.left - 1);
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
    return true;
  }

  void start(int threads) {
    try {
      for (int t = 1; t < threads; ++t) workers_.emplace_back([this] { help(); });
    } catch (const std::system_error& error) {
      stop();
      throw std::runtime_error("cannot start " + std::to_string(threads) +
                               " threads: " + error.code().message() + "; use fewer --threads");
    }
    if (threads > buffers_) take_product_buffers(static_cast<std::size_t>(threads));
    buffers_ = std::max(buffers_, threads);
  }

  // Does a product on all threads at once, so that OpenBLAS allocates every thread's buffer now,
  // while the memory is known to be there.
  void take_product_buffers(std::size_t threads) {
    std::atomic<std::size_t> arrived = 0;
    const auto multiply = [&](std::size_t, std::size_t) {
      constexpr int n = 96;
      std::array<float, std::size_t{n} * n> a{}, c{};
      ++arrived;
      do {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, n, n, 1, a.data(), n, a.data(), n,
                    0, c.data(), n);
      } while (arrived < threads);
    };
    const auto call = [](const void* body, std::size_t first, std::size_t last) {
      (*static_cast<const decltype(multiply)*>(body))(first, last);
    };
    share({threads, 1, call, &multiply});
  }

  void stop() {
    stopping_.store(true, std::memory_order_relaxed);
    ++turn_;
    tickets_.store({turn_, 0}, std::memory_order_release);
    tickets_.notify_all();
    workers_.clear();
    stopping_.store(false, std::memory_order_relaxed);
  }

  void help() {
    for (;;) {
      const Tickets seen = tickets_.load(std::memory_order_acquire);
      if (stopping_.load(std::memory_order_relaxed)) return;
      if (seen.left == 0)
        wait_while(tickets_, seen);
      else
        do_next_piece();
    }
  }

  // The pieces of a turn that nobody has begun.
  struct Tickets {
    std::uint32_t turn = 0, left = 0;
    bool operator==(const Tickets&) const = default;
  };

  std::atomic_flag busy_;
  // Written by the thread that holds busy_, before it stores the tickets that publish the work.
  RangeWork work_{};
  unsigned long long control_ = 0;
  std::uint32_t turn_ = 0;

  int buffers_ = 0;  // that OpenBLAS has allocated; it keeps them when threads end

  std::atomic<bool> stopping_ = false;
  std::atomic<Tickets> tickets_ = Tickets{};
  std::atomic<std::uint32_t> unfinished_ = 0;  // pieces of the turn
  std::vector<std::jthread> workers_;
};

}  // namespace

void set_cpu_threads(int threads) {
  Pool::instance(std::max(threads, 1)).resize(threads);
}

int cpu_threads() {
  return Pool::instance(0).threads();
}

void in_parallel(const RangeWork& work) {
  Pool::instance(0).run(work);
}

}  // namespace gan
