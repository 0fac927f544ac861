"""Logs of evaluations of language models, each read as rows of scores and outcomes."""
