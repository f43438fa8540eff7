#pragma once
#include <filesystem>
#include <optional>

#include "host/eval/classifier.h"

namespace gan::eval {

// $XDG_CACHE_HOME/gan_cuda, or ~/.cache/gan_cuda; none when neither variable is set.
std::optional<std::filesystem::path> cache_folder();

// The classifier of these images: out of `folder`, under a hash of everything its training depends
// on, or else trained and put there.  A folder that cannot be written only costs the next training.
Classifier cached_classifier(const LabelledImages& data,
                             const std::optional<std::filesystem::path>& folder,
                             const EpochObserver& epoch_begins,
                             const std::function<void()>& stop = nullptr);

}  // namespace gan::eval
