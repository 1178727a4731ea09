"""What is handed in and judged: submissions, the queue, leases, nodes, results."""
