// One binary for every x86-64: the loops marked GAN_VECTORISED are compiled for three generations
// of vector units, and the loader picks the best that the machine has.  No sum is reordered and
// nothing is contracted, so all three give the same bytes.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define GAN_VECTORISED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GAN_VECTORISED
#endif
