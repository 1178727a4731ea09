"""The desk: a local web application in which an official works with the engines on data that stays in the building.

Pages are Django without a database: what the desk keeps are files in one folder (`place`). Work is done by jobs
(`jobs`): the web process imports no engine, it writes what is asked into a folder, and a worker process does it.
"""
