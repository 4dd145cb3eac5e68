"""The independent answer: plain Python that reads a log and shares nothing with the jobs but the contracts."""

from tests.oracle.answer import Answer, Decision, Duplicate, Money, Quarantined, answer

__all__ = ["Answer", "Decision", "Duplicate", "Money", "Quarantined", "answer"]
