"""Session → AWS client."""

from __future__ import annotations

from typing import Any

from rolebrowser.identity.aws_errors import translated
from rolebrowser.identity.model import Session
from rolebrowser.identity.profiles import ENVIRONMENT_PROFILE


def session_client(
    session: Session, service: str, region: str = "", *, patient: bool = False
) -> Any:
    """A botocore client that acts as `session`, with our time limits; thread-safe.

    Endpoints (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>`, `endpoint_url` and `services` in
    the profile), proxies and CA files are the profile's.

    Args:
        service: botocore's name: "rds", "sts", "iam".
        region: empty = the session's.
        patient: for discovery, many calls at once: where AWS throttles, slow down and go on.

    Raises:
        ProfileError, AwsError: no region, or a setting botocore refuses.
    """
    from rolebrowser.identity import wiring

    name = "" if session.profile == ENVIRONMENT_PROFILE else session.profile
    token = session.token.reveal() if session.token is not None else None
    with translated(f"Talking to {service}", profile=session.profile):
        return wiring.open_session(name, region or session.region).create_client(
            service,
            aws_access_key_id=session.access_key,
            aws_secret_access_key=session.secret_key.reveal(),
            aws_session_token=token,
            config=wiring.patience() if patient else None,
        )
