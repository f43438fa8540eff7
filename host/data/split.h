#pragma once

namespace gan::data {

enum class Split { train, test };

}  // namespace gan::data
