#pragma once
#include <filesystem>
#include <span>

#include "host/io/metrics.h"

namespace gan::io {

// Draws the losses over the steps into a PNG of two panels, atomically: those of G and D, and the
// two parts of D's. Any number of rows, and any values in them, give a picture.
void plot_losses(const std::filesystem::path& path, std::span<const MetricsRow> rows);

}  // namespace gan::io
