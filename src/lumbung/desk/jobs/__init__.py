"""Long work: a job is a folder, and whatever happens to desk or worker, what is finished in it stays finished."""
