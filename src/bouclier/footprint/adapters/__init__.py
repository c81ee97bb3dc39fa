"""The only place in this room with files, devices or threads."""
