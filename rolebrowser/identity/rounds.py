"""A session had in rounds: an attempt, what it lacked asked of a person, another attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rolebrowser.errors import CredentialsError, LoginRequired, MfaRequired, RolebrowserError
from rolebrowser.identity import sso
from rolebrowser.identity.aws_errors import EXPIRED, UNKNOWN_KEY, WRONG_CODE
from rolebrowser.identity.model import Session
from rolebrowser.identity.prompts import Prompts
from rolebrowser.identity.session_job import CodeWanted, Job

_TRIES = 3
"""Codes a person may give."""
_LOGINS = 2
"""Logins to try: the first may end because somebody else's token turned up, and that may fail."""


@dataclass
class Rounds:
    """One session's rounds.

    Args:
        attempt: `job.run` with its limits, in another thread.
        prompts: asked in the thread that calls `session`.
    """

    job: Job
    attempt: Callable[[], Session]
    prompts: Prompts
    refused: str = ""
    asked: int = 0
    logins: int = 0
    retried: bool = False

    def session(self) -> Session:
        """The session, once it needs nothing more. Raises what `credentials.resolve` does."""
        while True:
            token = self._portal_token()
            try:
                return self.attempt()
            except CodeWanted as wanted:
                still_good = self.job.cached()
                if still_good is not None:
                    return still_good
                self._ask_code(wanted)
            except MfaRequired as error:
                if error.code != WRONG_CODE or self.asked >= _TRIES:
                    raise
                self.refused = "That code was not accepted. Each works once: wait for the next."
            except LoginRequired as error:
                self._log_in(error, token)
            except CredentialsError as error:
                # A cached session below this one may have been ended before its time.
                if not over(error) or self.retried or not self.job.hide_chain():
                    raise
                self.retried = True

    def _ask_code(self, wanted: CodeWanted) -> None:
        code = self.prompts.mfa_code(replace(wanted.request, refused=self.refused)).strip()
        self.asked += 1
        good = len(code) == 6 and code.isascii() and code.isdigit()
        self.job.code = code if good else None
        self.refused = "" if good else "A code is six digits."
        if not good and self.asked >= _TRIES:
            raise MfaRequired(
                "No MFA code was given.",
                why=self.refused,
                fix="Read it off the device and try again.",
            ) from None

    def _portal_token(self) -> str:
        door = self.job.door()
        return sso.access_token(door, self.job.aws_dir) if door is not None else ""

    def _log_in(self, error: LoginRequired, token: str) -> None:
        """Have a portal token other than the one that was refused, or raise."""
        door = self.job.door()
        self.logins += 1
        if door is None or self.logins > _LOGINS:
            raise error
        try:
            sso.log_in(
                door,
                aws_dir=self.job.aws_dir,
                prompts=self.prompts,
                cancel=self.job.cancel,
                seconds=self.job.seconds,
                refused=token,
            )
        except LoginRequired:
            if self.prompts.can_log_in:
                raise
            raise error from None


def over(error: RolebrowserError) -> bool:
    """True when AWS takes a session no longer, whatever its end said: revoked, or of a sandbox
    that is gone. Resolving with `fresh=True` gets another.
    """
    return error.code in EXPIRED or error.code in UNKNOWN_KEY
