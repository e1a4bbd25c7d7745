"""STS: what moto leaves open. AssumeRole is enforced, and sessions really end.

Refusals carry AWS's own texts (shared/reference/rds-iam-auth.md, rows 1 to 6).
"""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from rolebrowser.identity.policy import Decision, Source
from rolebrowser.sandbox import gatekeeper, moto_world, saml, wire
from rolebrowser.sandbox.clock import Clock
from rolebrowser.sandbox.ledger import Credential, Ledger
from rolebrowser.sandbox.organisation import Guardrails
from rolebrowser.sandbox.wire import Answer, Refused, element, result
from rolebrowser.sandbox.world import MFA_CODE

_ALPHABET = string.ascii_uppercase + "234567"
_SHORTEST, _CHAINED = 900, 3600
WRONG_CODE = "MultiFactorAuthentication failed with invalid MFA one time pass code. "


class Sts:
    """The Security Token Service over moto's IAM and the ledger.

    Args:
        web_identity: the file with the one web identity token that is good.
        provider: the one SAML provider there is.

    Attributes:
        one_time_codes: the MFA codes that are good, each once, as a real device's; None =
            MFA_CODE, as often as one likes.
    """

    one_time_codes: list[str] | None = None

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        web_identity: Path,
        guardrails: Guardrails,
        provider: saml.Provider,
    ) -> None:
        self._ledger = ledger
        self._clock = clock
        self._web_identity = web_identity
        self._guardrails = guardrails
        self._provider = provider

    def answer(self, action: str, form: Mapping[str, str], caller: Credential | None) -> Answer:
        """The answer to a call; `caller` is None for the unsigned ones: AssumeRoleWithSAML,
        AssumeRoleWithWebIdentity.

        Raises Refused.
        """
        if action == "AssumeRoleWithWebIdentity":
            return self._web_identity_session(form)
        if action == "AssumeRoleWithSAML":
            return self._saml_session(form)
        if caller is None:
            raise Refused("MissingAuthenticationToken", "Request is missing Authentication Token")
        match action:
            case "GetCallerIdentity":
                return self._identity(caller)
            case "AssumeRole":
                return self._assume(form, caller)
            case "GetSessionToken":
                return self._session_token(form, caller)
        raise Refused("InvalidAction", f"Could not find operation {action}", 400)

    def _identity(self, caller: Credential) -> Answer:
        user_id = caller.access_key
        if caller.role:
            user_id = f"{_role_id(caller.role)}:{caller.principal.rsplit('/', 1)[-1]}"
        return result(
            "GetCallerIdentity",
            element("Arn", caller.principal)
            + element("UserId", user_id)
            + element("Account", caller.account),
        )

    def _assume(self, form: Mapping[str, str], caller: Credential) -> Answer:
        arn, name = form.get("RoleArn", ""), form.get("RoleSessionName", "")
        mfa = self._mfa(form, caller)
        role = gatekeeper.find_role(arn)
        denied = (
            f"User: {caller.principal} is not authorized to perform: sts:AssumeRole on "
            f"resource: {arn}"
        )
        if role is None:
            raise Refused("AccessDenied", denied)
        refused = self._refused(role, caller, form, mfa)
        if refused is not None:
            raise Refused("AccessDenied", denied + refused)
        seconds = _seconds(form, role, chained=bool(caller.role))
        policies = tuple(json.loads(text) for text in [form.get("Policy", "")] if text)
        return self._minted(
            "AssumeRole", role, name, seconds, mfa=mfa, policies=policies, by=caller
        )

    def _refused(
        self, role: Any, caller: Credential, form: Mapping[str, str], mfa: bool | None
    ) -> str | None:
        """None = the role may be assumed. AWS says why not of an organization's policies only."""
        sent = {"sts:RoleSessionName": form.get("RoleSessionName", "")}
        actions = ["sts:AssumeRole"]
        if form.get("ExternalId"):
            sent["sts:ExternalId"] = form["ExternalId"]
        if form.get("SourceIdentity"):
            sent["sts:SourceIdentity"] = form["SourceIdentity"]
            actions.append("sts:SetSourceIdentity")
        tags = dict(wire.tags(form))
        if tags:
            sent |= {f"aws:RequestTag/{key}": value for key, value in tags.items()}
            actions.append("sts:TagSession")
        now, scps = self._clock.now(), self._guardrails.levels(caller.account)
        for action in actions:
            answer = gatekeeper.decide(
                caller, action, role.arn, now, mfa=mfa, sent=sent, role=role, scps=scps
            )
            if answer.decision is not Decision.ALLOW:
                by_scp = any(each.source is Source.SCP for each in answer.reasons[:1])
                return f" {gatekeeper.refusal(answer, action)}" if by_scp else ""
        return None

    def _web_identity_session(self, form: Mapping[str, str]) -> Answer:
        role = gatekeeper.find_role(form.get("RoleArn", ""))
        token = form.get("WebIdentityToken", "").strip()
        issuer, _, _ = token.partition("|")
        if not token or token != self._web_identity.read_text().strip():
            raise Refused("InvalidIdentityToken", "Couldn't retrieve verification key", 400)
        provider = f"arn:aws:iam::{gatekeeper.account_of(form['RoleArn'])}:oidc-provider/{issuer}"
        values = {f"{issuer}:aud": "sts.amazonaws.com"}
        action = "sts:AssumeRoleWithWebIdentity"
        if role is None or not gatekeeper.federated(role, provider, action, values):
            raise Refused("AccessDenied", f"Not authorized to perform {action}")
        seconds = _seconds(form, role, chained=False)
        name = form.get("RoleSessionName", "web")
        return self._minted("AssumeRoleWithWebIdentity", role, name, seconds, mfa=False)

    def assertion(self, person: str, roles: list[str], **audience: str) -> str:
        """What the provider signs for somebody whom it lets into roles."""
        return self._provider.assertion(person, roles, self._clock.now(), **audience)

    def _saml_session(self, form: Mapping[str, str]) -> Answer:
        arn, provider = form.get("RoleArn", ""), form.get("PrincipalArn", "")
        if provider != self._provider.arn:
            raise Refused("InvalidIdentityToken", "Provider not found.", 400)
        said = self._provider.read(form.get("SAMLAssertion", ""), self._clock.now())
        role, action = gatekeeper.find_role(arn), "sts:AssumeRoleWithSAML"
        listed = (arn, provider) in said.roles
        if (
            role is None
            or not listed
            or not gatekeeper.federated(role, provider, action, said.keys)
        ):
            raise Refused("AccessDenied", f"Not authorized to perform {action}")
        seconds = _seconds(form, role, chained=False)
        return self._minted("AssumeRoleWithSAML", role, said.session_name, seconds, mfa=False)

    def _session_token(self, form: Mapping[str, str], caller: Credential) -> Answer:
        if caller.token:
            raise Refused("AccessDenied", "Cannot call GetSessionToken with session credentials")
        seconds = int(form.get("DurationSeconds", "43200"))
        made = self._credential(caller.account, caller.principal, "", seconds)
        credential = Credential(**{**made, "mfa": self._mfa(form, caller) or False})
        self._remember(credential)
        return result("GetSessionToken", _credentials_xml(credential))

    def _mfa(self, form: Mapping[str, str], caller: Credential) -> bool | None:
        code = form.get("TokenCode")
        if code is None:
            return caller.mfa
        good = [MFA_CODE] if self.one_time_codes is None else self.one_time_codes
        if code not in good or not form.get("SerialNumber"):
            raise Refused("AccessDenied", WRONG_CODE)
        if self.one_time_codes is not None:
            self.one_time_codes.remove(code)
        return True

    def service_session(self, arn: str, name: str, seconds: int) -> Credential:
        """A role's session for a service of AWS to hand out: the SSO portal, a machine."""
        account = gatekeeper.account_of(arn)
        principal = f"arn:aws:sts::{account}:assumed-role/{gatekeeper.name_of(arn)}/{name}"
        made = self._credential(account, principal, arn, seconds)
        credential = Credential(**made, mfa=False)
        self._remember(credential)
        return credential

    def _minted(
        self,
        action: str,
        role: Any,
        name: str,
        seconds: int,
        *,
        mfa: bool | None,
        policies: tuple[Mapping[str, object], ...] = (),
        by: Credential | None = None,
    ) -> Answer:
        account = gatekeeper.account_of(role.arn)
        principal = f"arn:aws:sts::{account}:assumed-role/{role.name}/{name}"
        made = self._credential(account, principal, role.arn, seconds)
        credential = Credential(
            **made,
            mfa=bool(mfa),
            chained=by is not None and bool(by.role),
            session_policies=policies,
        )
        self._remember(credential)
        user = element("Arn", principal) + element("AssumedRoleId", f"{role.id}:{name}")
        inner = _credentials_xml(credential) + f"<AssumedRoleUser>{user}</AssumedRoleUser>"
        return result(action, inner)

    def _credential(self, account: str, principal: str, role: str, seconds: int) -> dict[str, Any]:
        return {
            "access_key": "ASIA" + "".join(secrets.choice(_ALPHABET) for _ in range(16)),
            "secret_key": secrets.token_urlsafe(30),
            "account": account,
            "principal": principal,
            "role": role,
            # Real session tokens are long: clients that cut passwords short must be caught here.
            "token": "IQoJb3JpZ2luX2Vj" + secrets.token_urlsafe(420),
            "issued_at": self._clock.now(),
            "expires_at": self._clock.now().replace(microsecond=0) + timedelta(seconds=seconds),
        }

    def _remember(self, credential: Credential) -> None:
        self._ledger.add(credential)
        moto_world.register_key(credential.account, credential.access_key)


def _seconds(form: Mapping[str, str], role: Any, *, chained: bool) -> int:
    asked = int(form.get("DurationSeconds", "3600"))
    longest = int(role.max_session_duration or 3600)
    if chained and asked > _CHAINED:
        raise Refused(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed "
            "by role chaining",
            400,
        )
    if asked > longest:
        raise Refused(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            400,
        )
    if asked < _SHORTEST:
        raise Refused(
            "ValidationError",
            f"1 validation error detected: Value '{asked}' at 'durationSeconds' failed to "
            "satisfy constraint: Member must have value greater than or equal to 900",
            400,
        )
    return asked


def _role_id(arn: str) -> str:
    role = gatekeeper.find_role(arn)
    return role.id if role is not None else "AROADELETED"


def _credentials_xml(credential: Credential) -> str:
    ends: datetime | None = credential.expires_at
    inner = (
        element("AccessKeyId", credential.access_key)
        + element("SecretAccessKey", credential.secret_key)
        + element("SessionToken", credential.token)
        + element("Expiration", ends.strftime("%Y-%m-%dT%H:%M:%SZ") if ends else "")
    )
    return f"<Credentials>{inner}</Credentials>"
