"""The only place in this room with files, sockets, clocks or subprocesses."""
