"""A second opinion on the charter: its policies read and evaluated without the engine, for tests only."""
