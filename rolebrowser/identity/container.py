"""A container's credentials, with words for what goes wrong: its settings are in no profile.

Imports botocore at the top: import this module inside the functions that need it.
"""

from __future__ import annotations

import os
from typing import Any

from botocore.credentials import ContainerProvider
from botocore.exceptions import CredentialRetrievalError

from rolebrowser.errors import CredentialsError
from rolebrowser.identity.chains import CONTAINER_VARIABLES
from rolebrowser.safetext import redact

_FIX = (
    "Look at {variable}, and at AWS_CONTAINER_AUTHORIZATION_TOKEN (or …_TOKEN_FILE) where it wants "
    "one; unset, they are not asked."
)
_PREFIX = "Error when retrieving credentials from container-role: Error retrieving metadata: "


class Container(ContainerProvider):
    """botocore's, whose failures name the environment's variables."""

    def load(self) -> Any:
        """The credentials; None when the environment names no container.

        Raises CredentialsError.
        """
        try:
            return super().load()
        # botocore lets through what an odd address, token file or answer raises.
        except (CredentialRetrievalError, KeyError, ValueError, OSError) as error:
            variable = next(each for each in CONTAINER_VARIABLES if each in os.environ)
            what = "This container's credentials can't be had."
            fix = _FIX.format(variable=variable)
            raise CredentialsError(what, why=_why(error), fix=fix) from None


def _why(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"Its answer lacks {error.args[0]}."
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    # The page of a server that is none; its HTML would help nobody.
    return redact(str(error).removeprefix(_PREFIX).partition("<")[0].strip().rstrip(":"))
