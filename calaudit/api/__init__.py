"""The use cases, one function a command: the only place where the rooms meet."""

from calaudit.api.evaluate import evaluate

__all__ = ["evaluate"]
