"""The composition root: reads configuration and the environment, builds adapters, hands them to the rooms.

The only place that knows every room. Nothing here decides anything about an exchange.
"""
