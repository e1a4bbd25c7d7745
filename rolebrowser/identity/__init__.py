"""Who am I: profiles, sessions and their lives, credentials, roles, and IAM's answers with reasons.

Knows no database. `profiles`, `sessions`, `policy*` and `trust` are pure: facts in, answers out.
"""
