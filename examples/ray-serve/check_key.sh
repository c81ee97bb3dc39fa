#!/bin/sh
# Waits until the application answers, then sees that it refuses a caller without the key; ends with 1 if it does not.
#   sh check_key.sh [BASE_URL]
set -eu

url="${1:-http://127.0.0.1:8000}/v1/models"
tries=0
while [ "$tries" -lt 900 ]; do
    status="$(curl --noproxy '*' --silent --output /dev/null --max-time 10 --write-out '%{http_code}' "$url" || true)"
    case "$status" in
    401) exit 0 ;;
    2*) echo "the model answers without a key: stop it (serve shutdown), and update Ray" >&2; exit 1 ;;
    esac
    tries=$((tries + 1))
    sleep 2
done
echo "nobody answers" >&2
exit 1
