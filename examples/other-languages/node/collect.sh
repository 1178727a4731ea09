#!/bin/sh
# Collect Node, the loader and the libraries that it needs, and the forecast into a folder: a submission.
set -eu
here=$(dirname "$0") folder=$1
mkdir -p "$folder/lib"
cp -L "$(command -v node)" "$folder/node"
cp -L $(ldd "$(command -v node)" | grep -o '/[^ ]*') "$folder/lib"
loader=$(basename "$folder"/lib/ld-*)
chmod 755 "$folder/lib/$loader"
cp "$here/forecast.js" "$folder"
cat >"$folder/submission.toml" <<END
[run]
command = ["lib/$loader", "--library-path", "lib", "./node", "--max-old-space-size=256", "forecast.js"]
END
