"""What is annotated in recordings: counts, durations, gaps and transitions, seen and taken along."""
