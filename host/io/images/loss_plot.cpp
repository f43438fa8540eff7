#include "host/io/images/loss_plot.h"

#include <algorithm>
#include <vector>

#include "host/io/images/canvas.h"
#include "host/io/images/chart.h"
#include "host/io/images/image.h"

namespace gan::io {
namespace {

constexpr int kWidth = 1400, kHeight = 520;
constexpr double kMargin = 24, kGutter = 44;

// Told apart with any kind of colour vision (Okabe and Ito's palette; Tol's green and purple).
constexpr Colour kBlue = {0.0, 0.447, 0.698}, kVermilion = {0.835, 0.369, 0.0};
constexpr Colour kGreen = {0.133, 0.533, 0.2}, kPurple = {0.667, 0.2, 0.467};

template <class Value>
std::vector<double> column(std::span<const MetricsRow> rows, Value MetricsRow::*member) {
  std::vector<double> values;
  for (const MetricsRow& row : rows) values.push_back(static_cast<double>(row.*member));
  return values;
}

}  // namespace

void plot_losses(const std::filesystem::path& path, std::span<const MetricsRow> rows) {
  const Chart networks{"Generator and discriminator loss",
                       "iteration",
                       "loss",
                       column(rows, &MetricsRow::step),
                       {{"discriminator", kBlue, column(rows, &MetricsRow::loss_d)},
                        {"generator", kVermilion, column(rows, &MetricsRow::loss_g)}}};
  const Chart parts{"Discriminator loss by input",
                    "iteration",
                    "loss",
                    networks.x,
                    {{"real images", kGreen, column(rows, &MetricsRow::loss_real)},
                     {"generated images", kPurple, column(rows, &MetricsRow::loss_fake)}}};

  Canvas canvas(kWidth, kHeight);
  const double middle = kWidth / 2.0, bottom = kHeight - kMargin / 2;
  draw_chart(canvas, {kMargin, kMargin, middle - kGutter / 2, bottom}, networks);
  draw_chart(canvas, {middle + kGutter / 2, kMargin, kWidth - kMargin, bottom}, parts);
  write_png(path, canvas.image());
}

}  // namespace gan::io
