# Which preset fits this machine. Sourced by ./gan_cuda and tools/test.

oldest_cuda=12 # nvcc compiles C++20 since then

# Prints the path of nvcc; fails if there is none.
find_nvcc() {
  local candidate
  for candidate in "${CUDACXX:-}" "${CUDA_HOME:+$CUDA_HOME/bin/nvcc}" "$(command -v nvcc)" \
    "${CUDA_HOME:-/usr/local/cuda}/bin/nvcc"; do
    if [[ -x $candidate ]]; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

# choose_preset CUDA_PRESET: sets `preset` to $GAN_BUILD_PRESET, else to CUDA_PRESET if there is a CUDA toolkit for it, else
# to cpu, with the reason in `why_no_cuda`. Tells CMake where nvcc is.
choose_preset() {
  local nvcc version
  why_no_cuda=
  if ! nvcc=$(find_nvcc); then
    why_no_cuda="there is no CUDA toolkit (no nvcc on PATH or in ${CUDA_HOME:-/usr/local/cuda}/bin)"
  else
    version=$("$nvcc" --version 2>&1 | sed -n 's/.*release \([0-9]*\.[0-9]*\).*/\1/p') || true
    if [[ ! $version ]]; then
      why_no_cuda="$nvcc does not run"
    elif ((${version%.*} < oldest_cuda)); then
      why_no_cuda="$nvcc is CUDA $version, and $oldest_cuda.0 is the oldest that will do"
    else
      export CUDACXX=$nvcc
    fi
  fi
  preset=${GAN_BUILD_PRESET:-${why_no_cuda:+cpu}}
  preset=${preset:-$1}
}

# Prints the architectures of this machine's GPUs as CMake takes them, such as 90-real, or nothing when there is a GPU that
# nvidia-smi does not tell of; fails if there is no GPU.
gpu_architectures() {
  local smi capability names=
  for smi in "$(command -v nvidia-smi)" /usr/lib/wsl/lib/nvidia-smi; do
    [[ -x $smi ]] || continue
    while read -r capability; do
      [[ $capability =~ ^([0-9]+)\.([0-9])$ ]] || continue
      capability=${BASH_REMATCH[1]}${BASH_REMATCH[2]}-real
      [[ ";$names;" == *";$capability;"* ]] || names+=${names:+;}$capability
    done < <("$smi" --query-gpu=compute_cap --format=csv,noheader 2>/dev/null)
    break
  done
  echo "$names"
  [[ $names || -e /dev/nvidiactl || -e /dev/dxg ]]
}
