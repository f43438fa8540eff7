#pragma once

namespace gan {

enum class Split { train, test };

}  // namespace gan
