"""The study machine: records, figures, claims and verdicts as data, and the engines that compute
them.
"""
