"""The documentation site: these pages, and the reference from the docstrings of each room's public names.

Built by ``make docs`` into ``dist/site``: static files that ask no other host for anything.
"""

from lumbung import __version__

project = "Lumbung"
copyright = "the Lumbung founders"
version = release = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.doctest", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
exclude_patterns = ["**/*.csv", "**/*.py"]

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
suppress_warnings = ["ref.python"]  # two records may each have a field of the same name
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"Lumbung {__version__}"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {"source_repository": ""}
