"""Reports: what was found and where, never the words. For people, for programs, and for code review (SARIF)."""
