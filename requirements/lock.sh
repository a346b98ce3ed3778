#!/bin/sh
# Write the four lock files of this folder from pyproject.toml. Needs uv (https://docs.astral.sh/uv/).
set -eu
cd "$(dirname "$0")/.."

# torch comes first and by itself (see README.md here); the rest of this list only its CUDA build needs.
skip="torch triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti
nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand
nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink
nvidia-nvshmem-cu13 nvidia-nvtx"
for name in $skip; do omit="${omit:-} --no-emit-package $name"; done
export UV_CUSTOM_COMPILE_COMMAND="make lock"
compile() {  # compile OUTPUT ARGUMENTS...
  output=$1; shift
  # shellcheck disable=SC2086  # $omit is a list of words
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $omit "$@" -o "requirements/$output"
  sed -i '/^ *# .*-c \//d' "requirements/$output"  # the name of a passing file
}
constraint=$(mktemp)
trap 'rm -f "$constraint"' EXIT
echo "torch==2.13.0" >"$constraint"
compile run.txt pyproject.toml --extra serve --extra mcp -c "$constraint"
grep -E '^[a-z0-9.-]+==' requirements/run.txt | sed 's/ *\\$//' >>"$constraint"
compile build.txt --group build -c "$constraint"
compile dev.txt --group dev -c "$constraint"
sed -n 's/^models = \[\(.*\)\]$/\1/p' pyproject.toml | tr -d '" ' | tr ',' '\n' |
  compile models.txt --no-deps -
