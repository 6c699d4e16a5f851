"""Benchmarks: what the product costs, each as a ratio of two things measured in one run."""
