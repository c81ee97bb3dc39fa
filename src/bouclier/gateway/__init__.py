"""The HTTP data plane: an OpenAI-compatible API in front of the journey of an exchange.

Guarantees: no content reaches a deployment before the decision is durable in the log; a caller who goes away ends the
call; every error is answered in the shape of the API it was asked through, and quotes nothing of the content.
"""
