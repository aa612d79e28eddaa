"""The study machine: records, figures, claims and verdicts as data, and who computes them."""
