#!/usr/bin/env bash
# Writes requirements.txt and requirements-dev.txt from pyproject.toml, hashed and without any address; `make pins` runs it.
# Further words go to pip-compile: `make pins ARGS=--upgrade`.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
# The oldest Python that we serve: a pin made on it holds on the later ones as well.
"${PYTHON:-python3.11}" -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet pip-tools
# A local folder of wheels would leave its few hashes as the only ones.
unset PIP_FIND_LINKS
export CUSTOM_COMPILE_COMMAND="make pins"
compile() {
    "$folder/venv/bin/pip-compile" --quiet --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url \
        --no-emit-trusted-host --no-emit-find-links --no-emit-options "$@" pyproject.toml
}
compile --extra build --output-file requirements.txt "${@}"
compile --extra build --extra test --extra bench --extra dev --constraint requirements.txt --output-file requirements-dev.txt "${@}"
