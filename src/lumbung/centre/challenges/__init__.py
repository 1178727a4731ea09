"""What is posed: challenges with their phases, and the blobs they consist of."""
