"""A simulated fleet: our placement beside round-robin, least-busy and LiteLLM's strategies, on the same days.

`python -m bench.fleet` compares; `python -m bench.fleet.decision_cost` measures what choosing costs. What is real: our
placement, state of the fleet, waiting line, sharing between gateways and charter, which are the product's own code; the
operators and who can compel them, by the packaged registry; carbon, by the packaged method and grid mixes; LiteLLM's
strategies, where they are installed. What is simulated: time, requests, engines and failures; each module says how.
"""
