"""What the shield finds and misses, beside Presidio and the packaged NER: `python -m bench.quality`, or its target.

Every system runs in processes of its own, on the same texts, in the same command; none sees the gold. The scorer is
`score`, the sets and where they come from are in `datasets`, the systems in `systems`, the table in `report`.
"""
