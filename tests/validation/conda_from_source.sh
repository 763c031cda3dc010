#!/usr/bin/env bash
# A conda of any release, from git repositories of conda and of menuinst: the package index has neither.
#   conda_from_source.sh FOLDER RELEASE CONDA_REPOSITORY MENUINST_REPOSITORY
set -euo pipefail
folder=$1 release=$2 conda=$3 menuinst=$4
sources=$(mktemp -d)
trap 'rm -rf "$sources"' EXIT
mkdir "$sources/conda" "$sources/menuinst"
git -C "$conda" archive "$release" conda pyproject.toml README.md LICENSE AUTHORS.md | tar -x -C "$sources/conda"
git -C "$menuinst" archive HEAD | tar -x -C "$sources/menuinst"
# The faster solver is not to be had either: the classic one is conda's own.
sed -i '/^ *"conda-libmamba-solver/d' "$sources/conda/pyproject.toml"
python3.11 -m venv "$folder"
SETUPTOOLS_SCM_PRETEND_VERSION=2.3.0 "$folder/bin/pip" install --quiet "$sources/menuinst"
SETUPTOOLS_SCM_PRETEND_VERSION=$release "$folder/bin/pip" install --quiet "$sources/conda"
"$folder/bin/python" -m conda init --install
echo "solver: classic" > "$folder/.condarc"
"$folder/bin/conda" --version
