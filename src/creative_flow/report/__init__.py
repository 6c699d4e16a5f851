"""What a run looks like to people: the summary, the live bar, the log of the run."""
