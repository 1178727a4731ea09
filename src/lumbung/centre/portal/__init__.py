"""The pages people see, in three languages."""
