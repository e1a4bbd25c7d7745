"""Command lines to begin with: the end of each command's help, and of its part of the man page."""

from __future__ import annotations

EXAMPLES: dict[str, tuple[str, ...]] = {
    "demo": ("rolebrowser demo", "rolebrowser demo --serve"),
    "profiles": ("rolebrowser profiles", "rolebrowser profiles --json"),
    "roles": (
        "rolebrowser roles -p staging --why",
        "rolebrowser roles --everywhere --json",
        "rolebrowser roles --policy-file dump.json --principal ARN",
    ),
    "databases": (
        "rolebrowser databases -p staging --region eu-west-1",
        "rolebrowser databases --everywhere --search orders",
    ),
    "users": (
        "rolebrowser users orders --why",
        "rolebrowser users orders-staging -p staging -u app_oncall",
    ),
    "token": ('PGPASSWORD="$(rolebrowser token orders -u app_oncall)" psql …',),
    "login": ("rolebrowser login -p corp-dev",),
    "forget": ("rolebrowser forget -p staging", "rolebrowser forget --all"),
    "exec": ("rolebrowser exec -p staging -- aws s3 ls",),
    "env": (
        'eval "$(rolebrowser env -p staging)"',
        "rolebrowser env -p staging --shell fish | source",
    ),
    "credential-process": ("credential_process = rolebrowser credential-process -p staging",),
    "console": (
        "rolebrowser console -p staging --service rds",
        "rolebrowser console -p staging --open",
    ),
    "shell": (
        "rolebrowser shell orders",
        "rolebrowser shell orders -- -c 'SELECT 1'",
        "rolebrowser shell orders --read-write --confirm orders",
        'eval "$(rolebrowser shell orders --print)"',
    ),
    "sql": (
        "rolebrowser sql orders -c '\\du' -c 'SELECT count(*) FROM sales.orders'",
        "rolebrowser sql orders -f report.sql --csv > report.csv",
        "rolebrowser sql postgresql://me@localhost/db -c '\\dp'",
    ),
    "grants": (
        "rolebrowser grants orders --table sales.orders",
        "rolebrowser grants orders --why 'auditor SELECT finance.salaries'",
        "rolebrowser grants orders --role app_oncall --against orders-staging",
        "rolebrowser grants orders --report grants.html",
    ),
    "doctor": (
        "rolebrowser doctor orders",
        "rolebrowser doctor orders --markdown > ticket.md",
    ),
    "config": ("rolebrowser config",),
    "evaluate": ("rolebrowser evaluate --request request.json",),
}


def epilog(name: str) -> str:
    """The end of a command's help, as click wants it: \\b keeps the lines as they are."""
    lines = EXAMPLES[name]
    word = "Example" if len(lines) == 1 else "Examples"
    return "\n".join(["\b", f"{word}:", *(f"  {line}" for line in lines)])
