// One warp that shuffles its lanes' numbers in every way there is.
#pragma once

namespace gan::emulation {

enum class Shuffle { from, up, down, exclusive_or };

// y[lane] = the value lane `lane` gets out of the shuffle.  y: (32) on the device.
void launch_shuffle(int* y, Shuffle shuffle, int argument, int width);

}  // namespace gan::emulation
