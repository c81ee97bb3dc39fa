#!/bin/sh
# Starts a Ray head on this machine and the application on it; other GPU nodes join with `ray start --address`.
#   VLLM_KEY_FILE    file that holds the key, alone, on one line
#   MODEL_REVISION   commit of the model's repository: 40 hexadecimal digits
#   RAY_NODE_IP      address on the network of the GPU nodes; 127.0.0.1 for a cluster of one
set -eu

case "${MODEL_REVISION:-}" in
*[!0-9a-f]* | "") echo "MODEL_REVISION: the commit of the model's repository, 40 hexadecimal digits" >&2; exit 2 ;;
esac
[ "${#MODEL_REVISION}" -eq 40 ] || { echo "MODEL_REVISION: 40 hexadecimal digits" >&2; exit 2; }

# The ingress of Ray Serve LLM asks callers for this key; its processes inherit it from the head, so no file holds it.
VLLM_API_KEY="$(cat "$VLLM_KEY_FILE")"
[ -n "$VLLM_API_KEY" ] || { echo "VLLM_KEY_FILE: the file is empty" >&2; exit 2; }
export VLLM_API_KEY

export RAY_USAGE_STATS_ENABLED=0 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 HF_HUB_DISABLE_TELEMETRY=1

here="$(dirname "$0")"
made="$(mktemp -d)"
trap 'rm -r "$made"' EXIT
sed "s/: MODEL_REVISION\$/: \"$MODEL_REVISION\"/" "$here/serve_config.yaml" > "$made/serve_config.yaml"

ray start --head --disable-usage-stats --include-dashboard=true --dashboard-host=127.0.0.1 \
    --node-ip-address="${RAY_NODE_IP:-127.0.0.1}" --metrics-export-port=8090
serve deploy "$made/serve_config.yaml"

# Versions of Ray that do not know the key would leave the model open to every user of this machine: see that it asks.
sh "$here/check_key.sh"
