"""Tables of words the detectors know, as pure Python."""
