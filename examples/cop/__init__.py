"""A COP on one machine: five parties, three authorities, two gateways, three witnesses, a monitor.

    python3 -m examples.cop              in French
    python3 -m examples.cop --en         in English
    python3 -m examples.cop --keep DIR   leave everything in a new folder, to look at it

It takes the `bouclier` command, on the path or in this repository's environment, and imports nothing of Bouclier. It
ends with 0 only if every promise was kept, and leaves no process behind. All names, keys and orders are invented.
"""
