"""New fixed plans for a city's signals, by time of day: searched on a queue model, settled and judged on SUMO."""
