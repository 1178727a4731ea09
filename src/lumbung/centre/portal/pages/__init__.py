"""The pages, one module for each thing they are about. A view reads the request, makes one domain call, shows the answer."""
