"""Fetch by one rule, render, nothing else."""
