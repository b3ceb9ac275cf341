"""Jobs on a cluster with Slurm: submitted as their folder and ``sbatch``, told of in Slurm's own words, never run twice."""
