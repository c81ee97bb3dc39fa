"""The vocabulary: frozen types and the error tree. Imports nothing of ours."""
