"""rolebrowser: from *who am I* to *what may they do in that database*, in one keystroke."""

__version__ = "0.1.0"
