#!/bin/sh
# Starts vLLM with its key from a file, never in its arguments, where any user of the machine could read it.
#   VLLM_KEY_FILE    file that holds the key, alone, on one line
#   MODEL_REVISION   commit of the model's repository: 40 hexadecimal digits
#   LISTEN           address to listen on; 127.0.0.1 unless a container's port is published on 127.0.0.1
set -eu

case "${MODEL_REVISION:-}" in
*[!0-9a-f]* | "") echo "MODEL_REVISION: the commit of the model's repository, 40 hexadecimal digits" >&2; exit 2 ;;
esac
[ "${#MODEL_REVISION}" -eq 40 ] || { echo "MODEL_REVISION: 40 hexadecimal digits" >&2; exit 2; }

VLLM_API_KEY="$(cat "$VLLM_KEY_FILE")"
[ -n "$VLLM_API_KEY" ] || { echo "VLLM_KEY_FILE: the file is empty" >&2; exit 2; }
export VLLM_API_KEY

# No usage statistics, no telemetry: vLLM's, its model library's, and the word other tools understand.
export VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 HF_HUB_DISABLE_TELEMETRY=1

here="$(dirname "$0")"
exec vllm serve --config "${VLLM_CONFIG:-$here/serve.yaml}" --host "${LISTEN:-127.0.0.1}" \
    --revision "$MODEL_REVISION" --tokenizer-revision "$MODEL_REVISION"
