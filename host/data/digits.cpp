#include "host/data/digits.h"

#include <Random123/philox.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <future>
#include <numeric>

#include "host/data/digit_styles.h"
#include "host/data/pen.h"

// The drawing uses only + − × ÷ √, which round alike on every machine; sin and exp do not.

namespace gan::data {
namespace {

constexpr std::uint32_t kSeed = 0x6d6e6973;
constexpr int kClasses = 10;

enum class Purpose : std::uint32_t { label, drawing };

// Random numbers that are a function of (seed, purpose, split, index) and of their order alone:
// Philox4x32-10 (Salmon et al. 2011) with these as its key and counter.
class Draws {
 public:
  Draws(Purpose purpose, Split split, std::size_t index)
      : counter_{{0, static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(split),
                  static_cast<std::uint32_t>(purpose)}} {}

  // 0 … n-1; the bias of the modulo is below n/2³².
  std::uint32_t below(std::uint32_t n) { return bits() % n; }

  float uniform(float low, float high) {
    return low + (high - low) * (static_cast<float>(bits() >> 8) * 0x1p-24f);
  }

  // Nearly normal: the sum of four uniforms, so never beyond 3.5 deviations, and no hand is absurd.
  float normal(float mean, float deviation) {
    float sum = 0;
    for (int i = 0; i < 4; ++i) sum += uniform(-1, 1);
    return mean + deviation * sum * 0.8660254f;  // √(3/4): each uniform has variance 1/3
  }

 private:
  std::uint32_t bits() {
    if (used_ == block_.size()) {
      block_ = r123::Philox4x32()(counter_, {{kSeed, 0}});
      ++counter_[0];
      used_ = 0;
    }
    return block_[used_++];
  }

  r123::Philox4x32::ctr_type counter_;
  r123::Philox4x32::ctr_type block_{};
  std::size_t used_ = 4;
};

// How one digit is written: shape in units of its height, pen and place in pixels.
struct Hand {
  float slant, half_angle_tan, width;  // shear to the right, rotation, stretch along x
  float bow_x, bow_y;                  // of the uprights and of the level strokes
  float jitter;                        // deviation of each point of the style
  Pen pen;
  float box;               // side of the square that holds the digit
  float shift_x, shift_y;  // of the centre of mass from the middle of the image
};

Hand draw_hand(Draws& draws) {
  Hand hand{};
  hand.slant = draws.normal(0.16f, 0.22f);
  hand.half_angle_tan = draws.normal(0.01f, 0.05f);
  hand.width = draws.uniform(0.8f, 1.4f);
  hand.bow_x = draws.normal(0, 0.07f);
  hand.bow_y = draws.normal(0, 0.08f);
  hand.jitter = draws.uniform(1, 4.5f);
  hand.pen.radius = draws.uniform(0.75f, 1.2f);
  hand.pen.radius += draws.uniform(0, 0.7f);
  hand.pen.pressure = draws.uniform(-0.3f, 0.3f);
  hand.box = draws.uniform(19, 20.5f);
  hand.shift_x = draws.uniform(-0.5f, 0.5f);
  hand.shift_y = draws.uniform(-0.5f, 0.5f);
  return hand;
}

const DigitStyle& draw_style(int digit, Draws& draws) {
  const auto styles = digit_styles(digit);
  std::uint32_t total = 0;
  for (const DigitStyle& style : styles) total += style.weight;
  std::uint32_t choice = draws.below(total);
  const DigitStyle* style = styles.data();
  for (; choice >= style->weight; ++style) choice -= style->weight;
  return *style;
}

// A point of the style, centred, stretched, bowed, slanted and turned. Sine and cosine come from
// the tangent of half the angle.
Point written(Point p, const Hand& hand) {
  const float t = hand.half_angle_tan;
  const float cosine = (1 - t * t) / (1 + t * t), sine = 2 * t / (1 + t * t);
  const float u = (0.01f * p.x - 0.34f) * hand.width, v = 0.01f * p.y - 0.5f;
  const float x = u + hand.bow_x * (4 * v * v) - hand.slant * v;
  const float y = v + hand.bow_y * (4 * u * u);
  return {cosine * x - sine * y, sine * x + cosine * y};
}

Stroke written(const Stroke& stroke, const Hand& hand, Draws& draws) {
  Stroke result;
  for (std::size_t i = 0; i < stroke.size(); ++i) {
    if (is_corner(stroke, i)) {  // its two copies stay together
      result.push_back(result.back());
      continue;
    }
    const float dx = draws.normal(0, hand.jitter);
    const float dy = draws.normal(0, hand.jitter);
    result.push_back(written({stroke[i].x + dx, stroke[i].y + dy}, hand));
  }
  return result;
}

// Scales the digit to its box and moves its centre of mass to the middle of the image, as far as
// all of it stays inside.
void place(std::vector<Segment>& segments, const Hand& hand) {
  Point low = segments[0].from, high = low;
  float mass = 0, mass_x = 0, mass_y = 0;
  for (const auto& [from, to, radius] : segments) {
    low = {std::min(low.x, to.x), std::min(low.y, to.y)};
    high = {std::max(high.x, to.x), std::max(high.y, to.y)};
    const float dx = to.x - from.x, dy = to.y - from.y;
    const float ink = radius * std::sqrt(dx * dx + dy * dy);
    mass += ink;
    mass_x += ink * 0.5f * (from.x + to.x);
    mass_y += ink * 0.5f * (from.y + to.y);
  }
  const float scale = (hand.box - 2 * hand.pen.radius) / std::max(high.x - low.x, high.y - low.y);
  const auto offset = [&](float centre, float shift, float first, float last) {
    const float margin = hand.pen.radius + 2;
    return std::clamp(0.5f * kDigitSide + shift - scale * centre, margin - scale * first,
                      kDigitSide - margin - scale * last);
  };
  const float x = offset(mass_x / mass, hand.shift_x, low.x, high.x);
  const float y = offset(mass_y / mass, hand.shift_y, low.y, high.y);
  for (auto& [from, to, radius] : segments) {
    from = {x + scale * from.x, y + scale * from.y};
    to = {x + scale * to.x, y + scale * to.y};
  }
}

void draw_digit(int digit, Draws draws, std::span<std::uint8_t, kDigitPixels> image) {
  const Hand hand = draw_hand(draws);
  std::vector<Segment> segments;
  for (const Stroke& stroke : draw_style(digit, draws).strokes) {
    trace(written(stroke, hand, draws), hand.pen, segments);
  }
  place(segments, hand);
  render(segments, image);
}

}  // namespace

std::vector<std::uint8_t> digit_labels(Split split, std::size_t count) {
  std::vector<std::uint8_t> labels(count);
  std::array<std::uint8_t, kClasses> order{};
  for (std::size_t i = 0; i < count; ++i) {
    if (i % kClasses == 0) {  // Fisher-Yates shuffle
      Draws draws(Purpose::label, split, i / kClasses);
      std::iota(order.begin(), order.end(), std::uint8_t{0});
      for (std::uint32_t n = kClasses; n > 1; --n) std::swap(order[n - 1], order[draws.below(n)]);
    }
    labels[i] = order[i % kClasses];
  }
  return labels;
}

Images draw_digits(Split split, std::size_t count, unsigned threads) {
  Images images{static_cast<int>(count), kDigitSide, kDigitSide, {}};
  images.pixels.resize(count * kDigitPixels);
  threads = std::max(threads, 1u);
  const std::vector<std::uint8_t> labels = digit_labels(split, count);
  const auto draw_every = [&](std::size_t step, std::size_t first) {
    for (std::size_t i = first; i < count; i += step) {
      const std::span<std::uint8_t, kDigitPixels> image(&images.pixels[i * kDigitPixels],
                                                        kDigitPixels);
      draw_digit(labels[i], Draws(Purpose::drawing, split, i), image);
    }
  };
  std::vector<std::future<void>> workers;  // they are waited for, whatever happens
  for (unsigned t = 0; t < threads; ++t)
    workers.push_back(std::async(std::launch::async, draw_every, threads, t));
  for (std::future<void>& worker : workers) worker.get();
  return images;
}

}  // namespace gan::data
