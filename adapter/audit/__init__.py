"""The audit trail: one event for each change, and for each of which nobody knows whether it was done."""
