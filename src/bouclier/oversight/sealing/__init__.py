"""Content kept so that only enough authorities together can open it: formats and cryptography, no files.

What is guaranteed: without the private keys of `threshold` authorities nothing of a record is read; a wrong share is
known, and whose it is; every byte of a record is checked. What is not done here: drawing randomness (it is given, but
for what HPKE draws by itself), keeping records (`adapters.sealed_store`), and entering openings in the log.
"""
