"""Documents: what texts a file holds, where each character of them stands in it, and how to write it again.

Every reader turns a file into blocks of raw text, with segments: the text as a person reads it, made of pieces that
each say where they stand in the raw text. So a finding in a segment has a place in the file, and replacing it changes
nothing else, whatever escapes, quotes or runs of formatting the format puts between the words.

Nothing is executed, no link is followed, no entity declared by a document is expanded, and every size is bounded.
"""
